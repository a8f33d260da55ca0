import type { DBInstance, DBParameterGroup, Parameter, Tag } from '@aws-sdk/client-rds';
import type { Op } from '../../lib/aws/op.ts';

/** One parameter of an engine family: what RDS knows of it before anybody has set anything. */
interface Known {
  readonly name: string;
  readonly type: 'dynamic' | 'static';
  readonly byDefault?: string;
}
interface Group extends DBParameterGroup {
  readonly tags: Tag[];
  readonly set: Map<string, string>;
}
export interface Instance extends DBInstance {
  /** What it runs with: taken over at a restart, or at once where a dynamic parameter of its group changes. */
  inForce?: string | undefined;
}

export class RdsError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** How many parameters a PostgreSQL family has, about. Enough for several pages. */
const OTHERS = 250;
const PAGE = 100;

/**
 * As much of RDS as the lens on a parameter touches, after the API reference: default groups refuse every change, an
 * attached group is taken over at the next restart, a dynamic parameter of an attached group at once, a group in use
 * cannot be deleted, and a database takes a modification only while it is available.
 */
export class RdsModel {
  readonly account = '123456789012';
  readonly region = 'us-east-1';
  readonly instances = new Map<string, Instance>();
  readonly groups = new Map<string, Group>();
  /** Names of the operations sent, in order. */
  readonly log: string[] = [];
  forceSslType: Known['type'] = 'dynamic';
  /** Older services answer all parameters whatever `Filters` says. */
  knowsFilters = true;
  /** A family that does not have the parameter at all. */
  hasForceSsl = true;

  arn(kind: 'db' | 'pg', name: string): string {
    return `arn:aws:rds:${this.region}:${this.account}:${kind}:${name}`;
  }

  group(name: string, family: string, set: Record<string, string> = {}, tags: Tag[] = []): void {
    const about = { DBParameterGroupName: name, DBParameterGroupFamily: family };
    this.groups.set(name, { ...about, tags, set: new Map(Object.entries(set)) });
  }

  instance(id: string, about: Partial<Instance> & { readonly group?: string } = {}): void {
    const { group: named, ...rest } = about;
    const EngineVersion = rest.EngineVersion ?? '14.12';
    const family = `postgres${EngineVersion.split('.')[0]}`;
    const group = named ?? `default.${family}`;
    if (!this.groups.has(group)) this.group(group, family);
    const instance: Instance = {
      DBInstanceIdentifier: id,
      DBInstanceArn: this.arn('db', id),
      Engine: 'postgres',
      EngineVersion,
      DBInstanceStatus: 'available',
      DBParameterGroups: [{ DBParameterGroupName: group, ParameterApplyStatus: 'in-sync' }],
      PendingModifiedValues: {},
      ...rest,
    };
    instance.inForce = this.#value(group);
    this.instances.set(id, instance);
  }

  restart(id: string): void {
    const instance = this.instances.get(id)!;
    const [group] = instance.DBParameterGroups!;
    group!.ParameterApplyStatus = 'in-sync';
    instance.inForce = this.#value(group!.DBParameterGroupName!);
  }

  /** The state a third party can see, as plain data. */
  snapshot(): unknown {
    const groups = [...this.groups.values()].map(({ set, ...group }) => ({ ...group, set: Object.fromEntries(set) }));
    return structuredClone({ groups, instances: [...this.instances.values()].map(({ inForce: _, ...rest }) => rest) });
  }

  // biome-ignore lint/suspicious/noExplicitAny: the caller's types are the operation's own
  readonly call = async (op: Op, input: any): Promise<any> => {
    this.log.push(op.name);
    try {
      return structuredClone(this.#answer(op.name.slice('rds:'.length), input ?? {}));
    } catch (error) {
      if (error instanceof RdsError && op.none.includes(error.name)) return undefined;
      throw error;
    }
  };

  // biome-ignore lint/suspicious/noExplicitAny: see call
  #answer(operation: string, input: any): unknown {
    switch (operation) {
      case 'DescribeDBInstances': {
        const one = input.DBInstanceIdentifier;
        if (one && !this.instances.has(one.toLowerCase())) throw new RdsError('DBInstanceNotFoundFault', one);
        const all = one ? [this.instances.get(one.toLowerCase())!] : [...this.instances.values()];
        const ids: string[] | undefined = input.Filters?.[0]?.Values;
        return this.#page('DBInstances', ids ? all.filter((i) => ids.includes(i.DbiResourceId ?? '')) : all, input);
      }
      case 'DescribeDBParameterGroups': {
        const { tags: _, set: __, ...about } = this.#group(input.DBParameterGroupName);
        return { DBParameterGroups: [about] };
      }
      case 'ListTagsForResource':
        return { TagList: this.#group(input.ResourceName.split(':pg:')[1]).tags };
      case 'DescribeDBParameters':
        return this.#page('Parameters', this.#parameters(input), input);
      case 'CreateDBParameterGroup':
        if (this.groups.has(input.DBParameterGroupName)) {
          throw new RdsError('DBParameterGroupAlreadyExistsFault', input.DBParameterGroupName);
        }
        this.group(input.DBParameterGroupName, input.DBParameterGroupFamily, {}, input.Tags);
        return {};
      case 'ModifyDBParameterGroup':
      case 'ResetDBParameterGroup':
        for (const parameter of input.Parameters) this.#change(input.DBParameterGroupName, parameter);
        return {};
      case 'DeleteDBParameterGroup': {
        this.#changeable(input.DBParameterGroupName);
        if (this.#users(input.DBParameterGroupName).length > 0) {
          throw new RdsError('InvalidDBParameterGroupStateFault', 'instances are still members');
        }
        this.groups.delete(input.DBParameterGroupName);
        return {};
      }
      case 'ModifyDBInstance':
        return this.#modify(input);
      default:
        throw new Error(`the model has no ${operation}`);
    }
  }

  #page<T>(name: string, all: readonly T[], { Marker }: { Marker?: string }): Record<string, unknown> {
    const from = Number(Marker ?? 0);
    const next = from + PAGE < all.length ? { Marker: String(from + PAGE) } : {};
    return { [name]: all.slice(from, from + PAGE), ...next };
  }

  // biome-ignore lint/suspicious/noExplicitAny: see call
  #parameters({ DBParameterGroupName, Source, Filters }: any): Parameter[] {
    const { set, DBParameterGroupFamily } = this.#group(DBParameterGroupName);
    const all = this.#known(DBParameterGroupFamily!).map(({ name, type, byDefault }): Parameter => {
      const value = set.get(name) ?? byDefault;
      return {
        ParameterName: name,
        ...(value !== undefined && { ParameterValue: value }),
        Source: set.has(name) ? 'user' : byDefault === undefined ? 'engine-default' : 'system',
        ApplyType: type,
      };
    });
    const names: string[] | undefined = this.knowsFilters ? Filters?.[0]?.Values : undefined;
    return all.filter((one) => (!Source || one.Source === Source) && (!names || names.includes(one.ParameterName!)));
  }

  #known(family: string): Known[] {
    const major = Number.parseInt(family.replace(/\D*/, ''), 10);
    const others = Array.from({ length: OTHERS }, (_, n): Known => ({ name: `other_${n}`, type: 'dynamic' }));
    const ssl: Known = { name: 'rds.force_ssl', type: this.forceSslType, byDefault: major >= 15 ? '1' : '0' };
    return this.hasForceSsl ? [...others, ssl] : others;
  }

  #change(name: string, { ParameterName = '', ParameterValue, ApplyMethod }: Parameter): void {
    const group = this.#changeable(name);
    const known = this.#known(group.DBParameterGroupFamily!).find((one) => one.name === ParameterName);
    if (!known) throw new RdsError('InvalidParameterValue', `Could not find parameter with name: ${ParameterName}`);
    if (known.type === 'static' && ApplyMethod === 'immediate') {
      throw new RdsError('InvalidParameterCombination', 'cannot use immediate apply method for static parameter');
    }
    if (ParameterValue === undefined) group.set.delete(ParameterName);
    else group.set.set(ParameterName, ParameterValue);
    for (const user of this.#users(name)) {
      if (ApplyMethod === 'immediate') user.inForce = this.#value(name);
      else user.DBParameterGroups![0]!.ParameterApplyStatus = 'pending-reboot';
    }
  }

  #modify({ DBInstanceIdentifier, DBParameterGroupName, ApplyImmediately, ...rest }: Record<string, string>): unknown {
    const instance = this.instances.get(DBInstanceIdentifier!.toLowerCase());
    if (!instance) throw new RdsError('DBInstanceNotFoundFault', DBInstanceIdentifier!);
    if (Object.keys(rest).length > 0) throw new Error(`the model does not modify ${Object.keys(rest).join(', ')}`);
    if (instance.DBInstanceStatus !== 'available') {
      throw new RdsError('InvalidDBInstanceStateFault', instance.DBInstanceStatus!);
    }
    const group = this.#group(DBParameterGroupName!);
    if (`postgres${instance.EngineVersion!.split('.')[0]}` !== group.DBParameterGroupFamily) {
      throw new RdsError('InvalidParameterCombination', `${DBParameterGroupName} is of another family`);
    }
    if (ApplyImmediately) Object.assign(instance, instance.PendingModifiedValues, { PendingModifiedValues: {} });
    // Going back to the group it runs with leaves nothing to wait for.
    const waits = this.#value(DBParameterGroupName!) !== instance.inForce;
    instance.DBParameterGroups = [{ DBParameterGroupName, ParameterApplyStatus: waits ? 'pending-reboot' : 'in-sync' }];
    return {};
  }

  #users = (name: string): Instance[] =>
    [...this.instances.values()].filter((one) => one.DBParameterGroups![0]!.DBParameterGroupName === name);

  #value = (name: string): string | undefined => {
    const { set, DBParameterGroupFamily } = this.#group(name);
    return (
      set.get('rds.force_ssl') ??
      this.#known(DBParameterGroupFamily!).find((one) => one.name === 'rds.force_ssl')?.byDefault
    );
  };

  #group(name: string): Group {
    const group = this.groups.get(name);
    if (!group) throw new RdsError('DBParameterGroupNotFoundFault', name);
    return group;
  }

  #changeable(name: string): Group {
    if (name.startsWith('default.')) throw new RdsError('InvalidDBParameterGroupStateFault', `${name} is a default`);
    return this.#group(name);
  }
}
