import type { Evidence } from '../../lib/engine/evidence.ts';
import type { Finding } from '../../lib/engine/findings.ts';
import type { Clock, EvidenceStore, FindingHub } from '../../lib/engine/runtime.ts';

/** Time as the test says: sleeping is stepping. */
export class SteppingClock implements Clock {
  #now: number;
  constructor(start: string) {
    this.#now = Date.parse(start);
  }
  now(): number {
    return this.#now;
  }
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** Evidence, written once per intent and outcome: a second writing is dropped, as If-None-Match does. */
export class MemoryEvidence implements EvidenceStore {
  /** By intent id, as JSON gives it back. */
  readonly objects = new Map<string, Evidence>();
  async put(evidence: Evidence): Promise<void> {
    if (!this.objects.has(evidence.intent.id)) {
      this.objects.set(evidence.intent.id, JSON.parse(JSON.stringify(evidence)));
    }
  }
}

/** Security Hub as the engine sees it: the latest of each finding, and how many were ever imported. */
export class MemoryHub implements FindingHub {
  readonly findings = new Map<string, Finding>();
  imports = 0;
  async publish(findings: readonly Finding[]): Promise<ReadonlySet<string>> {
    for (const finding of findings) {
      this.imports++;
      this.findings.set(finding.id, finding);
    }
    return new Set(findings.map(({ id }) => id));
  }
}
