import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { service } from '../aws/op.ts';
import type { Settings } from '../settings.ts';
import { canonical } from './canonical.ts';
import { type Evidence, evidenceKey } from './evidence.ts';
import type { EvidenceStore, Runtime } from './runtime.ts';

export const putEvidence = service('s3', S3Client).write('PutObject', PutObjectCommand, {
  iam: ['s3:PutObject', 's3:PutObjectRetention'],
});

const DAY_MS = 86_400_000;

/** Evidence in an S3 bucket with Object Lock. */
export class EvidenceBucket implements EvidenceStore {
  readonly #send: Runtime['send'];
  readonly #bucket: string;
  readonly #settings: Settings['evidence'];

  constructor(send: Runtime['send'], bucket: string, settings: Settings['evidence']) {
    this.#send = send;
    this.#bucket = bucket;
    this.#settings = settings;
  }

  /**
   * Each object says itself how long it is locked. The bucket has the same default; but a bucket that lost it, or never
   * had Object Lock, refuses such a write, and an intent without evidence is not settled.
   */
  async put(evidence: Evidence): Promise<void> {
    try {
      await this.#write(evidence);
    } catch (error) {
      // Another write of the same object was under way; S3 asks to send it again.
      if (!isNamed(error, 'ConditionalRequestConflict')) throw error;
      await this.#write(evidence);
    }
  }

  async #write(evidence: Evidence): Promise<void> {
    const { retentionDays, lockMode } = this.#settings;
    try {
      await this.#send(evidence.intent.key)(putEvidence, {
        Bucket: this.#bucket,
        Key: evidenceKey(evidence),
        Body: canonical(evidence),
        ContentType: 'application/json',
        ExpectedBucketOwner: evidence.intent.key.account,
        IfNoneMatch: '*',
        ObjectLockMode: lockMode,
        ObjectLockRetainUntilDate: new Date(Date.parse(evidence.verifiedAt) + retentionDays * DAY_MS),
      });
    } catch (error) {
      // It is there: an earlier run of the same intent came as far as this.
      if (!isNamed(error, 'PreconditionFailed')) throw error;
    }
  }
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
