import type { Data } from '../control.ts';

/**
 * Fills the `{{name}}` placeholders of a reason.
 * @throws when there is no datum of that name: a reader must never see a placeholder
 */
export const fill = (template: string, data: Data): string =>
  template.replaceAll(/\{\{(\w+)\}\}/g, (_placeholder, name: string) => {
    const value = data[name];
    if (value === undefined) throw new Error(`The reason "${template}" has no value for ${name}.`);
    return String(value);
  });
