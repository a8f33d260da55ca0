/** A JSON object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The object itself, or an empty one for anything else: `null`, the string "null", a list, a number. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** The list itself, or an empty one for anything else. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A flag that some services and exporters write as a text. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** What AWS writes in the place of a value it hides (and dots, which publishers of samples write). */
const MASKED = /^(?:HIDDEN_DUE_TO_SECURITY_REASONS|<sensitiveDataRemoved>|[*.]+)$/;

/**
 * A usable text. Empty and masked texts say nothing, so they are `undefined`. S3's events of before 2020 wrap a single
 * value in a list; a longer list is no text.
 */
export function text(value: unknown): string | undefined {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof single === 'string' && single !== '' && !MASKED.test(single) ? single : undefined;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The text when it is an ISO 8601 time. Other spellings (`Jul 10, 2023 12:23:06 PM`) name no time zone. */
export function isoTime(value: unknown): string | undefined {
  const time = text(value);
  return time !== undefined && ISO_TIME.test(time) && !Number.isNaN(Date.parse(time)) ? time : undefined;
}
