/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are filled in by CloudFormation and by the packager */

/** CloudFormation's pseudo parameters, for texts inside `sub`. */
export const PARTITION = '${AWS::Partition}';
export const REGION = '${AWS::Region}';
export const ACCOUNT = '${AWS::AccountId}';
export const URL_SUFFIX = '${AWS::URLSuffix}';
/** Filled in by the packager: `npx serverless package --stage <stage>`. */
export const STAGE = '${sls:stage}';

/** A value that CloudFormation computes. */
export type Intrinsic =
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly [logicalId: string, attribute: string] }
  | { readonly 'Fn::Sub': string };
export type Text = string | Intrinsic;

export const ref = (logicalId: string): Intrinsic => ({ Ref: logicalId });
export const getAtt = (logicalId: string, attribute = 'Arn'): Intrinsic => ({ 'Fn::GetAtt': [logicalId, attribute] });
export const sub = (text: string): Intrinsic => ({ 'Fn::Sub': text });

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: 'Retain';
  readonly UpdateReplacePolicy?: 'Retain';
  readonly Properties: Readonly<Record<string, unknown>>;
}
export type Resources = Readonly<Record<string, Resource>>;

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: Text | readonly Text[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export const policy = (...statements: readonly Statement[]) => ({ Version: '2012-10-17', Statement: statements });

/** Role, function and log group share one name; findings and CloudTrail show it. */
export const functionName = (name: string): string => `suture-${STAGE}-${name}`;

/** The framework's own way from a function's name to the start of its logical ids. */
export const logicalId = (name: string, suffix: string): string =>
  `${name[0]!.toUpperCase()}${name.slice(1)}`.replaceAll('-', 'Dash').replaceAll('_', 'Underscore') + suffix;
export const lambdaId = (name: string): string => logicalId(name, 'LambdaFunction');
