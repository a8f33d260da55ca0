import type { Catalogue } from '../deploy/discover.ts';
import { table } from './service-readme.ts';

const START = '<!-- controls:start -->';
const END = '<!-- controls:end -->';

/**
 * A text with the table of all controls put between its two markers.
 * @throws Error when a marker is missing: the table would silently stay as it was
 */
export function withControlTable(readme: string, { families }: Catalogue): string {
  const from = readme.indexOf(START);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md needs the markers ${START} and ${END}, in this order.`);
  const rows = families.flatMap(({ name, controls }) =>
    controls.map(({ control: { id, title, severity, impact, hipaa } }) => [
      `[${id}](functions/${name}/README.md#${id})`,
      title,
      severity,
      impact,
      hipaa.join(', '),
    ]),
  );
  const text = table(['control', 'what holds', 'severity', 'impact of the fix', 'HIPAA Security Rule, 45 CFR'], rows);
  return `${readme.slice(0, from + START.length)}\n\n${text}\n\n${readme.slice(to)}`;
}
