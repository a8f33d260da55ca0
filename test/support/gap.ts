import type { TestAws } from './aws.ts';
import type { Answer, WireCall } from './wire.ts';

/** What a fake may use. */
export interface FakeContext {
  /** What the emulator itself answers to the request, or to a changed body of it (query protocols, while IAM is not enforced). */
  upstream(body?: string): Promise<Answer>;
  /** Clients with full rights that talk to the emulator directly, past every fake. */
  readonly aws: TestAws;
  /** Memory shared by all fakes, one value per name, forgotten when the emulator is reset. */
  memory<T>(name: string, first: () => T): T;
}

/** One operation that the emulator lacks or gets wrong, and what stands in for that operation alone. */
export interface EmulationGap {
  /** As in the signature's scope: `s3`, `rds`, `securityhub`. */
  readonly service: string;
  /** The API's name: `GetBucketPolicyStatus`. */
  readonly operation: string;
  /** What the emulator does, and what AWS does, in a sentence; where the truth about AWS is from. */
  readonly reason: string;
  /** True when the emulator by itself now does it right: then the gap is to be deleted. Starts from an empty account, past every fake. */
  learnt(aws: TestAws): Promise<boolean>;
  fake(call: WireCall, context: FakeContext): Promise<Answer>;
}
