/** What one control is allowed to do by itself. */
export type Mode = 'off' | 'report' | 'approve' | 'auto';

/** What an operator decides once; compiled from `suture.yml` at build. Controls read from here, none from the environment. */
export interface Settings {
  /** Control id -> mode. A control that is not named is in `report` mode until the gates are in. */
  readonly modes: Readonly<Record<string, Mode>>;
  /** ARN of the KMS key that encryption controls require and use; without one the AWS managed key serves. */
  readonly kmsKeyArn?: string;
  readonly evidence: {
    /** Object Lock retention in days; six years by 45 CFR 164.316(b)(2)(i). */
    readonly retentionDays: number;
    readonly lockMode: 'GOVERNANCE' | 'COMPLIANCE';
  };
}

/** Six years with their leap days: the retention 45 CFR 164.316(b)(2)(i) asks of documentation. */
export const SIX_YEARS_IN_DAYS = 2192;

export const DEFAULT_SETTINGS: Settings = {
  modes: {},
  evidence: { retentionDays: SIX_YEARS_IN_DAYS, lockMode: 'GOVERNANCE' },
};
