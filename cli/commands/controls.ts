import { controls } from '../../functions/catalog.ts';
import type { AnyControl } from '../../lib/control.ts';
import type { Settings } from '../../lib/settings.ts';
import type { Io } from '../io.ts';
import { columns, wrapped } from '../layout.ts';
import { loadSettings, modeOf } from '../settings.ts';

/** `suture controls`: every control, one line or one block each. */
export function listControls(io: Io, { json, settings: file }: { json?: boolean; settings?: string }): void {
  const { settings } = loadSettings(file);
  if (json) io.out(JSON.stringify(controls.map((control) => described(control, settings))));
  else io.out(table(io, settings) ?? blocks(io, settings));
}

function described(control: AnyControl, settings: Settings) {
  const { id, title, severity, exposure = false, impact, hipaa, resources, mapsTo } = control;
  const service = id.slice(0, id.indexOf('-'));
  return { id, title, service, severity, exposure, impact, mode: modeOf(settings, control), hipaa, resources, mapsTo };
}

const table = (io: Io, settings: Settings): string | undefined =>
  columns(io, [
    ['CONTROL', 'MODE', 'SEVERITY', 'IMPACT OF FIX', 'WHAT HOLDS'].map((head) => io.style('dim', head)),
    ...controls.map((control) => {
      const { id, severity, impact, title } = control;
      return [io.style('bold', id), modeOf(settings, control), severity, impact, title];
    }),
  ]);

const blocks = (io: Io, settings: Settings): string =>
  controls
    .map((control) => {
      const { id, title, severity, impact } = control;
      const facts = `mode ${modeOf(settings, control)}; severity ${severity}; impact of fix: ${impact}`;
      return [io.style('bold', id), wrapped(io, title, 2), io.style('dim', wrapped(io, facts, 2))].join('\n');
    })
    .join('\n\n');
