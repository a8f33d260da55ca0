import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyTypeSpec } from '../aws/type.ts';
import type { AnyControl } from '../control.ts';

/** One control and the file it is the default export of. */
export interface FoundControl {
  readonly control: AnyControl;
  /** Relative to the repository, with forward slashes: `functions/s3/bucket-kms-encryption.ts`. */
  readonly file: string;
}
/** One resource type and where it is exported. */
export interface FoundType {
  readonly spec: AnyTypeSpec;
  /** `lib/aws/s3.ts` */
  readonly file: string;
  readonly exportName: string;
}
/** The controls of one folder below `functions/`: one Lambda function, one role. */
export interface Family {
  readonly name: string;
  readonly controls: readonly FoundControl[];
  /** The types its controls judge. */
  readonly types: readonly FoundType[];
}
export interface Catalogue {
  readonly families: readonly Family[];
  readonly types: readonly FoundType[];
}

/**
 * Services whose controls go by the names of their resources in the list of controls (data/hipaa-controls.json), and how
 * those ids begin. They stay one family, not one function for each name: controls that judge the same type share its
 * agenda and its reads.
 */
const ALSO_BEGIN: Readonly<Record<string, readonly string[]>> = { ec2: ['sg', 'vpc'] };

/**
 * The id of the control in a file of a family: `s3` and `bucket-kms-encryption` give `s3-bucket-kms-encryption`; a file
 * named after its resource keeps its name, `ec2` and `sg-no-open-ssh` give `sg-no-open-ssh`.
 */
export const idByPlace = (family: string, name: string): string =>
  ALSO_BEGIN[family]?.some((beginning) => name.startsWith(`${beginning}-`)) ? name : `${family}-${name}`;

/**
 * What is there, by looking: every file `functions/<service>/<name>.ts` but `index.ts` is a control, and every type spec
 * that a file of `lib/aws/` exports is a resource type. Folders that hold nothing but an `index.ts` are functions of their own.
 * @throws Error naming the file that is not what its place says
 */
export async function discover(root: string): Promise<Catalogue> {
  const types = await findTypes(root);
  const folders = await readdir(join(root, 'functions'), { withFileTypes: true });
  const families: Family[] = [];
  for (const name of folders
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()) {
    const controls = await findControls(root, name);
    if (controls.length === 0) continue;
    const names = new Set(controls.flatMap(({ control }) => control.resources));
    const known = types.filter(({ spec }) => names.delete(spec.name));
    if (names.size > 0)
      throw new Error(`functions/${name} judges ${[...names].join(', ')}, which no file of lib/aws describes.`);
    families.push({ name, controls, types: known });
  }
  return { families, types };
}

async function findControls(root: string, family: string): Promise<FoundControl[]> {
  const found: FoundControl[] = [];
  for (const entry of await modulesIn(root, `functions/${family}`)) {
    if (entry.endsWith('/index.ts')) continue;
    const { default: control } = await load(root, entry);
    if (!isControl(control)) throw new Error(`${entry} has no control as its default export.`);
    const id = idByPlace(family, entry.split('/').at(-1)!.slice(0, -'.ts'.length));
    if (control.id !== id) throw new Error(`${entry} holds the control ${control.id}; by its place it is ${id}.`);
    found.push({ control, file: entry });
  }
  return found;
}

async function findTypes(root: string): Promise<FoundType[]> {
  const found: FoundType[] = [];
  for (const file of (await modulesIn(root, 'lib/aws')).filter((file) => !file.endsWith('/types.ts'))) {
    for (const [exportName, value] of Object.entries(await load(root, file))) {
      if (isTypeSpec(value)) found.push({ spec: value, file, exportName });
    }
  }
  return found.sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
}

const modulesIn = async (root: string, folder: string): Promise<string[]> =>
  (await readdir(join(root, folder)))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => `${folder}/${file}`);

const load = (root: string, file: string): Promise<Record<string, unknown>> =>
  import(pathToFileURL(join(root, file)).href);

const isControl = (value: unknown): value is AnyControl =>
  typeof value === 'object' && value !== null && 'evaluate' in value && 'observe' in value && 'id' in value;
const isTypeSpec = (value: unknown): value is AnyTypeSpec =>
  typeof value === 'object' && value !== null && 'asff' in value && 'deletedBy' in value && 'list' in value;
