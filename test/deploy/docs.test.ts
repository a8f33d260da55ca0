import { withControlTable } from '../../lib/docs/control-table.ts';
import { serviceReadme, table } from '../../lib/docs/service-readme.ts';
import { HIPAA } from '../../lib/hipaa.ts';
import { catalogue } from './catalogue.ts';

describe('the table of controls', () => {
  const readme = 'before\n<!-- controls:start -->\nstale text\n<!-- controls:end -->\nafter\n';

  test('stands between its markers, with a line for each control, and leaves the rest alone', () => {
    const text = withControlTable(readme, catalogue);
    expect(text).toMatch(
      /^before\n<!-- controls:start -->\n\n\| control \|[\s\S]*\|\n\n<!-- controls:end -->\nafter\n$/,
    );
    expect(text).not.toContain('stale text');
    for (const { name, controls } of catalogue.families) {
      for (const { control } of controls) {
        expect(text).toContain(`| [${control.id}](functions/${name}/README.md#${control.id}) | ${control.title} |`);
      }
    }
    expect(withControlTable(text, catalogue)).toBe(text);
  });

  test.each(['no marker', '<!-- controls:start -->', '<!-- controls:end --><!-- controls:start -->'])(
    'is not left out silently: %s',
    (text) => {
      expect(() => withControlTable(text, catalogue)).toThrow('README.md needs the markers');
    },
  );

  test('is not broken by a bar or a new line in a cell', () => {
    expect(table(['a'], [['x|y\nz']])).toBe('| a |\n| --- |\n| x\\|y z |');
  });
});

describe.each(catalogue.families.map((family) => [family.name, family] as const))(
  'the reference of %s',
  (_, family) => {
    const text = serviceReadme(family);
    test.each(family.controls.map(({ control }) => [control.id, control] as const))(
      'tells all of %s',
      (id, control) => {
        const [, section = ''] = text.split(`## ${id}\n`);
        const own = section.split('\n## ')[0]!;
        const { title, rationale, limits, hipaa, triggers, reads, writes, reasons } = control;
        for (const said of [title, rationale, ...(limits ? [limits] : []), ...Object.values(reasons)])
          expect(own).toContain(said);
        for (const citation of hipaa) expect(own).toContain(`- ${citation} ${HIPAA[citation]}\n`);
        for (const event of triggers.flatMap(({ events }) => Object.keys(events)))
          expect(own).toContain(`- \`${event}\``);
        for (const { name } of [...reads, ...writes.fix, ...writes.revert]) expect(own).toContain(`\`${name}\``);
      },
    );
  },
);
