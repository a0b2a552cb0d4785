import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskFilter } from '../../../src/task/filter/filter.ts';
import { clockOf, passesAt } from '../../../src/task/live/clock.ts';
import { dayAt, nextDayChange } from '../../../src/time.ts';

const ZONES = [
  'UTC',
  'Europe/Paris',
  'America/St_Johns',
  'Asia/Beirut',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  '-08:00',
];
const HOUR = 3_600_000;

describe('a day', () => {
  it('changes at the first instant at which the clocks show another one, wherever they are moved', () => {
    const instant = fc.integer({ min: Date.parse('1985-01-01'), max: Date.parse('2035-01-01') });
    const property = fc.property(instant, fc.constantFrom(...ZONES), (from, zone) => {
      const to = nextDayChange(from, zone);
      expect(dayAt(to, zone)).not.toBe(dayAt(from, zone));
      expect(dayAt(to - 1, zone)).toBe(dayAt(from, zone));
      expect(to - from).toBeGreaterThan(0);
      for (let at = from; at < to; at += HOUR / 4) expect(dayAt(at, zone)).toBe(dayAt(from, zone));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('goes back where clocks are put back over midnight, and comes again', () => {
    // 00:01 was 23:01 of the day before, again.
    const changes = ['2006-10-29T02:30:00.000Z', '2006-10-29T02:31:00.000Z', '2006-10-29T03:30:00.000Z'];
    let at = Date.parse('2006-10-29T00:00:00Z');
    const found = changes.map(() => {
      at = nextDayChange(at, 'America/St_Johns');
      return new Date(at).toISOString();
    });
    expect(found).toEqual(changes);
  });
});

describe('time moves', () => {
  const cases: [string, TaskFilter, 'INBOX' | 'FUTURE' | 'ARCHIVE' | null, string][] = [
    ['nothing in a list of conditions that stay', { isOpen: true, date: { lt: { day: '2026-01-01' } } }, null, 'none'],
    ['nothing in the archive', {}, 'ARCHIVE', 'none'],
    ['the inbox by the day', {}, 'INBOX', 'day'],
    ['the future by the day', {}, 'FUTURE', 'day'],
    ['what is due today by the day, wherever it stands', { and: [{ not: { or: [{ due: 'TODAY' }] } }] }, null, 'day'],
    [
      'what is overdue at any instant, wherever it stands',
      { or: [{ due: 'TODAY' }, { not: { due: 'OVERDUE' } }] },
      'INBOX',
      'instant',
    ],
  ];
  it.each(cases)('%s', (_what, filter, view, clock) => {
    expect(clockOf(filter, view)).toBe(clock);
  });

  it('first at midnight, or right after the next instant that something is due at', () => {
    const noon = Date.parse('2026-03-11T12:00:00Z');
    const midnight = Date.parse('2026-03-12T00:00:00Z');
    expect(passesAt('none', 'UTC', noon, noon)).toBe(Number.POSITIVE_INFINITY);
    expect(passesAt('day', 'UTC', noon, noon)).toBe(midnight);
    expect(passesAt('instant', 'UTC', noon, null)).toBe(midnight);
    expect(passesAt('instant', 'UTC', noon, noon)).toBe(noon + 1);
    expect(passesAt('instant', 'UTC', noon, midnight + 5)).toBe(midnight);
    // The first of them again, after the last.
    expect(passesAt('day', 'UTC', midnight, null)).toBe(midnight + 24 * HOUR);
    expect(passesAt('day', 'UTC', noon, null)).toBe(midnight);
  });
});
