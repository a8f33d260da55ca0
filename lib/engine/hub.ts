import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { batchImportFindings, batchUpdateFindings } from '../aws/securityhub.ts';
import type { AnyTypeSpec } from '../aws/type.ts';
import type { ResourceKey } from '../resource.ts';
import { byteLength, cut, productArn, toAsff } from './asff.ts';
import type { Finding } from './findings.ts';
import type { FindingHub, Log, Runtime, Send } from './runtime.ts';

// BatchImportFindings and BatchUpdateFindings take at most 100 findings; an import at most 6 MB (user guide of Security Hub).
const BATCH = 100;
const BATCH_BYTES = 6_000_000;
const NOTE = 512;
/** How Security Hub says that it is not enabled: an exception of the call, or an error code of each finding. */
const NOT_ENABLED = ['InvalidAccessException', 'InvalidAccess'];

interface Prepared {
  readonly finding: Finding;
  readonly asff: AwsSecurityFinding;
  readonly bytes: number;
}

/** Security Hub, with the credentials of the account that the findings are about. */
export class SecurityHub implements FindingHub {
  readonly #send: Runtime['send'];
  readonly #types: readonly AnyTypeSpec[];
  readonly #log: Log;

  constructor(send: Runtime['send'], types: readonly AnyTypeSpec[], log: Log) {
    this.#send = send;
    this.#types = types;
    this.#log = log;
  }

  async publish(findings: readonly Finding[]): Promise<ReadonlySet<string>> {
    const accepted = new Set<string>();
    const groups = Map.groupBy(findings, ({ key }) => `${key.account} ${key.region}`);
    for (const group of groups.values()) {
      const { key } = group[0]!;
      const send = this.#send(key);
      try {
        for (const batch of this.#batches(group)) {
          for (const id of await this.#import(batch, send)) accepted.add(id);
        }
      } catch (error) {
        if (!(error instanceof Error && NOT_ENABLED.includes(error.name))) throw error;
        this.#notEnabled(key);
      }
    }
    return accepted;
  }

  #notEnabled({ account, region }: ResourceKey): void {
    this.#log.error('Security Hub takes no findings: enable it in this account and region.', { account, region });
  }

  #batches(findings: readonly Finding[]): Prepared[][] {
    const batches: Prepared[][] = [];
    let size = 0;
    for (const finding of findings) {
      const asff = toAsff(finding, this.#types);
      const bytes = byteLength(asff);
      const last = batches.at(-1);
      if (!last || last.length === BATCH || size + bytes > BATCH_BYTES) {
        batches.push([{ finding, asff, bytes }]);
        size = bytes;
      } else {
        last.push({ finding, asff, bytes });
        size += bytes;
      }
    }
    return batches;
  }

  /** @returns ids that were imported, and whose workflow was set where it had to be */
  async #import(batch: readonly Prepared[], send: Send): Promise<string[]> {
    const { FailedFindings = [] } = await send(batchImportFindings, { Findings: batch.map(({ asff }) => asff) });
    if (FailedFindings.some(({ ErrorCode = '' }) => NOT_ENABLED.includes(ErrorCode)))
      this.#notEnabled(batch[0]!.finding.key);
    for (const { Id, ErrorCode } of FailedFindings)
      this.#log.error('Security Hub refused a finding.', { finding: Id, error: ErrorCode });
    const failed = new Set(FailedFindings.map(({ Id }) => Id));
    const imported = batch.map(({ finding }) => finding).filter(({ id }) => !failed.has(id));
    const unchanged = imported.filter(({ known, workflow, note }) => workflow === undefined || (!known && !note));
    const changing = imported.filter((finding) => !unchanged.includes(finding));
    return [...unchanged.map(({ id }) => id), ...(await this.#setWorkflow(changing, send))];
  }

  async #setWorkflow(findings: readonly Finding[], send: Send): Promise<string[]> {
    const accepted: string[] = [];
    for (const same of Map.groupBy(findings, ({ workflow, note }) => `${workflow} ${note ?? ''}`).values()) {
      const { workflow, note } = same[0]!;
      const { UnprocessedFindings = [] } = await send(batchUpdateFindings, {
        FindingIdentifiers: same.map(({ id, key }) => ({ Id: id, ProductArn: productArn(key) })),
        Workflow: { Status: workflow },
        ...(note && { Note: { Text: cut(note, NOTE), UpdatedBy: 'suture' } }),
      });
      for (const { FindingIdentifier, ErrorCode } of UnprocessedFindings) {
        this.#log.error('Security Hub did not set a workflow.', { finding: FindingIdentifier?.Id, error: ErrorCode });
      }
      const failed = new Set(UnprocessedFindings.map(({ FindingIdentifier }) => FindingIdentifier?.Id));
      accepted.push(...same.map(({ id }) => id).filter((id) => !failed.has(id)));
    }
    return accepted;
  }
}
