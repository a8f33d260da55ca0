import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { batchImportFindings, batchUpdateFindings } from '../aws/securityhub.ts';
import type { AnyTypeSpec } from '../aws/type.ts';
import { productArn, toAsff } from './asff.ts';
import type { Finding } from './findings.ts';
import type { FindingHub, Log, Runtime, Send } from './runtime.ts';

// BatchImportFindings and BatchUpdateFindings take at most 100 findings; an import at most 6 MB, a finding 240 KB.
const BATCH = 100;
const BATCH_BYTES = 6_000_000;
const FINDING_BYTES = 240_000;
const NOTE = 512;

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
      const send = this.#send(group[0]!.key);
      for (const batch of this.#batches(group)) {
        for (const id of await this.#import(batch, send)) accepted.add(id);
      }
    }
    return accepted;
  }

  #batches(findings: readonly Finding[]): Prepared[][] {
    const batches: Prepared[][] = [];
    let size = 0;
    for (const finding of findings) {
      const asff = toAsff(finding, this.#types);
      const bytes = Buffer.byteLength(JSON.stringify(asff));
      if (bytes > FINDING_BYTES)
        throw new Error(`Finding ${finding.id} has ${bytes} bytes; Security Hub takes ${FINDING_BYTES}.`);
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
        ...(note && { Note: { Text: note.slice(0, NOTE), UpdatedBy: 'suture' } }),
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
