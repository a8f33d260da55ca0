import type { Cause } from '../cause.ts';
import type { AnyControl } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import type { Intent } from './record.ts';

/** A verdict on its way to Security Hub, before it takes ASFF's form. */
export interface Finding {
  /** Stable: from key and control. */
  readonly id: string;
  readonly key: ResourceKey;
  readonly control: AnyControl;
  readonly compliance: 'PASSED' | 'FAILED' | 'WARNING' | 'NOT_AVAILABLE';
  /** ARCHIVED when the resource is gone or the control no longer applies. */
  readonly recordState: 'ACTIVE' | 'ARCHIVED';
  /** What a reader needs to know, in sentences: the reason, what was decided and why, what to do. */
  readonly text: string;
  readonly cause: Cause;
  /** The fix this finding tells of, if there was one. */
  readonly intent?: Intent;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Workflow status it shall have; `undefined` leaves what people set. */
  readonly workflow?: 'NEW' | 'RESOLVED' | 'SUPPRESSED';
  /** Whether Security Hub already has this finding: then workflow needs BatchUpdateFindings. */
  readonly known: boolean;
  /** The note that goes with a change of workflow. */
  readonly note?: string;
}
