import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { PausedAlready } from '../lib/engine/pause.ts';
import { SettingsError } from '../lib/settings-file.ts';
import { listControls } from './commands/controls.ts';
import { explain } from './commands/explain.ts';
import { type Io, Refusal } from './io.ts';

/**
 * Runs one command line.
 * @param argv what stands behind `suture`
 * @returns the exit status: 0 when everything went as asked
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let status = 0;
  const done = (well: boolean): void => {
    status = well ? 0 : 1;
  };
  try {
    await program(io, done).parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has told the reader by itself; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode;
    io.err(told(error, io.env));
    return 1;
  }
}

function program(io: Io, done: (well: boolean) => void): Command {
  const suture = new Command('suture')
    .description(
      'Closes HIPAA drift in AWS accounts, and tells what it would do, what it did, and how to take it back.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      getOutHelpWidth: () => io.width ?? 100,
      getErrHelpWidth: () => io.width ?? 100,
    })
    .configureHelp({ minWidthToWrap: 20 })
    .showHelpAfterError('"npx suture --help" tells more.');

  suture
    .command('controls')
    .description('list all controls, with the mode each is in')
    .option(...SETTINGS)
    .option(...JSON_OUT)
    .action((options) => listControls(io, options));

  suture
    .command('explain')
    .argument('<control>', 'a control, by its id')
    .description('tell everything about one control: why, what it reads and writes, what it leaves alone')
    .option(...SETTINGS)
    .action((control, options) => explain(io, control, options));

  suture
    .command('replay')
    .argument('<event.json...>', 'files with one EventBridge event or an array of them; "-" is standard input')
    .description('handle events as the deployed functions would, with your credentials')
    .option('--dry-run', 'read and judge, show what would be changed, write nothing anywhere')
    .option('--match-only', 'only tell which resources and controls the events lead to; no AWS call')
    .option(...SETTINGS)
    .option(...JSON_OUT)
    .addHelpText('after', ENVIRONMENT)
    .action(async (files, options) => {
      const { replay } = await import('./commands/replay.ts');
      done(await replay(io, files, options));
    });

  suture
    .command('revert')
    .argument('<control>', 'the control whose fix is taken back')
    .argument('<resource>', 'the resource, by its id or ARN')
    .description('take a fix back: the values from before it return, and are left alone from then on')
    .requiredOption('--reason <text>', 'why; kept as evidence')
    .option('--region <region>', 'the region of the resource, where the ARN does not say it')
    .option('--intent <id>', 'which fix, by the id in finding and evidence; the last one if not given')
    .option('--through', 'take back later fixes of the same slots first')
    .option('--days <n>', 'how many days the slots are left alone', days)
    .option('--dry-run', 'show what would be sent, change nothing')
    .option(...SETTINGS)
    .option(...JSON_OUT)
    .addHelpText('after', ENVIRONMENT)
    .action(async (control, resource, options) => {
      const { revert } = await import('./commands/revert.ts');
      done(await revert(io, control, resource, options));
    });

  suture
    .command('pause')
    .description('stop all changes at once, of one control or of all; drift is still reported')
    .requiredOption('--reason <text>', 'why; whoever wonders is told')
    .option('--control <id>', 'only this control')
    .option('--region <region>', 'the region Suture is deployed in')
    .option(...JSON_OUT)
    .addHelpText('after', ENVIRONMENT)
    .action(async (options) => (await import('./commands/pause.ts')).pause(io, options));

  suture
    .command('resume')
    .description('take a pause away')
    .option('--control <id>', 'only this control')
    .option('--region <region>', 'the region Suture is deployed in')
    .option(...JSON_OUT)
    .addHelpText('after', ENVIRONMENT)
    .action(async (options) => (await import('./commands/pause.ts')).resume(io, options));

  return suture;
}

const SETTINGS = ['--settings <file>', 'settings to use instead of suture.yml'] as const;
const JSON_OUT = ['--json', 'answer in JSON, for programs'] as const;
const ENVIRONMENT = `
Environment:
  AWS_PROFILE ...          credentials, as for every AWS tool
  AWS_REGION               the region Suture is deployed in
  AWS_ENDPOINT_URL         an emulator instead of AWS
  SUTURE_TABLE             the ledger's table: output SutureTable of the stack
  SUTURE_EVIDENCE_BUCKET   the evidence bucket: output SutureEvidenceBucket`;

function days(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 3650)
    throw new InvalidArgumentError('Write a whole number from 1 to 3650.');
  return number;
}

/** One line for what a reader can act on; anything else is a mistake of ours, and its stack says where. */
function told(error: unknown, { AWS_ENDPOINT_URL }: Io['env']): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack } = error;
  if (error instanceof Refusal || error instanceof SettingsError || error instanceof PausedAlready) return message;
  if ('$fault' in error) return `AWS answers ${name}: ${message}`;
  const endpoint = AWS_ENDPOINT_URL ? `; AWS_ENDPOINT_URL is ${AWS_ENDPOINT_URL}` : '';
  if ('code' in error) return `AWS does not answer: ${message || error.code}${endpoint}`;
  return stack ?? message;
}
