import { type Acl, groupOf } from './acl.ts';
import type { Statement } from './policy.ts';

/** What else than the principals of its own account uses a bucket, as far as its configuration tells. */
export interface Uses {
  readonly statements: readonly Statement[];
  readonly acl: Acl;
  readonly website: boolean;
}

/**
 * Who may use the bucket from outside its account, or through an AWS service, each in words, sorted: those who cannot
 * work with a KMS key unless its key policy names them, and the AWS managed key never does.
 * @param account the bucket's own
 */
export function dependents({ statements, acl, website }: Uses, account: string): string[] {
  const found = new Set<string>();
  if (website) found.add('visitors of its website');
  for (const grant of acl.Grants ?? []) {
    const group = groupOf(grant);
    if (group === 'LogDelivery') found.add('S3 server access logs delivered to it (ACL)');
    else if (group) found.add(`the group ${group} (ACL)`);
    else if (grant.Grantee?.ID !== acl.Owner?.ID || !grant.Grantee?.ID)
      found.add(`the AWS account with canonical id ${grant.Grantee?.ID ?? 'unknown'} (ACL)`);
  }
  for (const statement of statements) {
    if (!statement.allows || isOwnAccountOnly(statement, account)) continue;
    const where = `(policy, ${statement.name})`;
    if (statement.allBut) found.add(`everybody but some principals ${where}`);
    else
      for (const name of statement.principals.map((principal) => nameOf(principal, account))) {
        if (name) found.add(`${name} ${where}`);
      }
  }
  return [...found].sort();
}

/** A condition that lets in the principals of this account and nobody else. */
const isOwnAccountOnly = ({ conditions }: Statement, account: string): boolean =>
  conditions.some(
    ({ operator, key, values, optional }) =>
      !optional &&
      key === 'aws:principalaccount' &&
      /^StringEquals$/i.test(operator) &&
      values.length > 0 &&
      values.every((value) => value === account),
  );

/**
 * Services that deliver logs into buckets. Source: CloudWatch Logs User Guide, "Enable logging from AWS services"; S3
 * User Guide, "Enabling server access logging"; Elastic Load Balancing, "Access logs"; CloudTrail, AWS Config and
 * Redshift guides on bucket policies. Load balancers of older Regions and Redshift deliver as another AWS account.
 */
const LOG_SERVICES = [
  'logging.s3',
  'delivery.logs',
  'logs',
  'cloudtrail',
  'config',
  'elasticloadbalancing',
  'logdelivery.elasticloadbalancing',
  'redshift',
  'guardduty',
  'vpc-flow-logs',
];

function nameOf({ kind, id }: Statement['principals'][number], account: string): string | undefined {
  if (id === '*') return 'everybody whom the conditions let in';
  if (kind === 'Service') {
    const service = id.replace(/\.amazonaws\.com(\.cn)?$/, '');
    // Some services name their principal with a Region in it: logs.eu-west-1.amazonaws.com.
    const known = LOG_SERVICES.some(
      (name) => service === name || new RegExp(`^${name}\\.[a-z]{2}(-[a-z]+)+-\\d$`).test(service),
    );
    return known ? `log delivery by ${id}` : `the service ${id}`;
  }
  if (kind !== 'AWS') return `the ${kind} principal ${id}`;
  const owner = /^\d{12}$/.test(id) ? id : /^arn:[^:]*:(?:iam|sts)::([^:]*):/.exec(id)?.[1];
  if (owner === account) return undefined;
  if (owner === 'cloudfront') return `CloudFront (${id.split('/').at(-1)})`;
  // The id of a principal that was deleted, or of one that IAM does not resolve for us.
  return owner ? `AWS account ${owner}` : `the principal ${id}`;
}
