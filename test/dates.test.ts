import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateColumns, formatTaskDate, momentOf, parseInstant, parseTaskDate, taskDateOf } from '../src/dates.ts';
import { addDays, dayAt } from '../src/time.ts';

describe('an instant', () => {
  it.each([
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22t10:00:00z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22T10:00:00.1+02:00', '2026-11-22T08:00:00.100Z'],
    ['2026-11-22T10:00:00-00:00', '2026-11-22T10:00:00.000Z'],
    ['2015-01-10T05:00:00+00:00', '2015-01-10T05:00:00.000Z'],
    ['2024-02-29T23:59:59.999-11:30', '2024-03-01T11:29:59.999Z'],
  ])('is read from %s as %s', (text, written) => {
    expect(formatTaskDate({ instant: parseInstant(text) as number })).toBe(written);
  });

  it('with more digits than milliseconds is cut off, never moved into the future', () => {
    expect(parseInstant('2026-11-22T10:00:00.999999999Z')).toBe(Date.parse('2026-11-22T10:00:00.999Z'));
  });

  it.each([
    ['without an offset', '2026-11-22T10:00:00'],
    ['without seconds', '2026-11-22T10:00Z'],
    ['of a day that does not exist', '2026-02-29T10:00:00Z'],
    ['at 24 o’clock, which is the next day', '2026-11-22T24:00:00Z'],
    ['at 60 minutes', '2026-11-22T10:60:00Z'],
    ['in a leap second', '2016-12-31T23:59:60Z'],
    ['with an offset of more than a day', '2026-11-22T10:00:00+25:00'],
    ['with ten digits', '2026-11-22T10:00:00.1234567890Z'],
    ['in the year 0, once it is in UTC', '0001-01-01T00:00:00+14:00'],
    ['in the year 10000, once it is in UTC', '9999-12-31T23:59:59-12:00'],
    ['with something behind it', '2026-11-22T10:00:00Z '],
  ])('%s is none', (_why, text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('is written as it can be read again, and has a day of ten characters in every zone', () => {
    const extremes = ['0001-01-02T00:00:00Z', '9999-12-30T23:59:59.999Z'].map((text) => parseInstant(text) as number);
    const [min, max] = extremes as [number, number];
    expect(extremes).not.toContain(null);
    const zones = fc.constantFrom('Pacific/Kiritimati', '-12:00', '+14:00', 'Europe/Paris', 'UTC');
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max })), zones, (instant, zone) => {
        expect(parseInstant(formatTaskDate({ instant }))).toBe(instant);
        expect(dayAt(instant, zone)).toMatch(/^\d{4}-\d\d-\d\d$/);
      }),
    );
  });
});

describe('the date of a task', () => {
  const day = fc.integer({ min: 1, max: 3_650_000 }).map((count) => addDays('0001-01-01', count));
  const taskDate = fc.oneof(
    day.map((text) => ({ day: text })),
    fc
      .integer({ min: Date.parse('0001-01-02T00:00:00Z'), max: Date.parse('9999-12-30T00:00:00Z') })
      .map((instant) => ({ instant })),
  );

  it('stays a day or an instant, as it was given [CLOSE-06]', () => {
    expect(parseTaskDate('2015-01-05')).toEqual({ day: '2015-01-05' });
    expect(parseTaskDate('2015-01-10T05:00:00+00:00')).toEqual({ instant: Date.parse('2015-01-10T05:00:00Z') });
    fc.assert(
      fc.property(taskDate, (date) => {
        expect(parseTaskDate(formatTaskDate(date))).toEqual(date);
      }),
    );
  });

  it('goes into one of two columns and comes back from it', () => {
    fc.assert(
      fc.property(fc.option(taskDate), (date) => {
        const columns = dateColumns(date);
        expect(taskDateOf(columns)).toEqual(date);
        expect(Object.values(columns).filter((column) => column !== null)).toHaveLength(date ? 1 : 0);
      }),
    );
  });

  it('is neither of a text that is neither', () => {
    for (const text of ['', 'today', '2026-11-22 10:00:00Z', '2026-02-30', '20261122'])
      expect(parseTaskDate(text)).toBeNull();
  });

  it('stands for its first moment in a zone', () => {
    expect(momentOf({ day: '2015-01-12' }, '-08:00')).toBe(Date.parse('2015-01-12T08:00:00Z'));
    expect(momentOf({ instant: 5 }, '-08:00')).toBe(5);
  });
});
