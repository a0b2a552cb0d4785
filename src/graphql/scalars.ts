import { GraphQLError } from 'graphql';
import { formatTaskDate, parseInstant, parseTaskDate } from '../dates.ts';
import { isDay, parseTimeZone } from '../time.ts';
import { builder } from './builder.ts';

const MAX_JSON_DEPTH = 8;
const MAX_JSON_BYTES = 16 * 1024;

const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
};

/** Reads a scalar's text, or says what it should have been. Never repeats more than the beginning of what came. */
const reading =
  <Value>(what: string, parse: (text: string) => Value | null) =>
  (value: unknown): Value => {
    const parsed = typeof value === 'string' ? parse(value) : null;
    return parsed ?? refuse(`${what}, not ${(JSON.stringify(value) ?? String(value)).slice(0, 60)}.`);
  };

builder.scalarType('DateTime', {
  description:
    'RFC 3339 instant. Read with any offset (without one it is refused), always written in UTC with milliseconds: `2026-11-22T10:00:00.000Z`.',
  parseValue: reading('A DateTime is an instant with an offset, such as 2026-11-22T10:00:00Z', (text) => {
    const instant = parseInstant(text);
    return instant === null ? null : new Date(instant);
  }),
  serialize: (value) => value.toISOString(),
});

builder.scalarType('LocalDate', {
  description: 'Calendar day `YYYY-MM-DD`, without a time zone.',
  parseValue: reading('A LocalDate is a calendar day, such as 2026-11-22', (text) => (isDay(text) ? text : null)),
  serialize: (value) => value,
});

builder.scalarType('TaskDate', {
  description: 'A LocalDate or a DateTime; which of the two it was is kept.',
  parseValue: reading(
    'A TaskDate is a day such as 2026-11-22 or an instant such as 2026-11-22T10:00:00Z, from 0001-01-02 to 9999-12-30',
    parseTaskDate,
  ),
  serialize: (value) => formatTaskDate(value),
});

builder.scalarType('TimeZone', {
  description: 'An IANA name (`Europe/Paris`) or a fixed offset from -12:00 to +14:00 (`-08:00`).',
  parseValue: reading('A TimeZone is an IANA name such as Europe/Paris or an offset such as -08:00', parseTimeZone),
  serialize: (value) => value,
});

builder.scalarType('Decimal', {
  description: 'An exact decimal number as a string: `"1250.00"`.',
  parseValue: reading('A Decimal is a number in a string, such as "1250.00"', (text) =>
    /^-?\d{1,20}(\.\d{1,10})?$/.test(text) ? text : null,
  ),
  serialize: (value) => value,
});

/** Looks no further down than it must: what comes may be deeper than the stack. */
const isDeeper = (value: unknown, levels: number): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

builder.scalarType('JSON', {
  description: 'A JSON value; inputs at most 8 levels deep and 16 KiB.',
  parseValue: (value) => {
    if (isDeeper(value, MAX_JSON_DEPTH)) return refuse('A JSON value is at most 8 levels deep.');
    const text = JSON.stringify(value) ?? 'null';
    if (Buffer.byteLength(text) > MAX_JSON_BYTES) return refuse('A JSON value has at most 16 KiB.');
    return value;
  },
  serialize: (value) => value,
});
