import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TaskDate, taskDateOf } from '../../../src/dates.ts';
import {
  type Facts,
  momentOf,
  parseSpan,
  planned,
  plansAnew,
  refuseReminders,
  replaced,
  type Standing,
} from '../../../src/task/reminder/rules.ts';
import { parseTimeZone } from '../../../src/time.ts';

// What reminders are due when [PARSA-15].

const at = (text: string) => new Date(text);
const moment = (before: string, date: TaskDate | null, zone = 'UTC') =>
  momentOf({ at: null, before }, { date, zone })?.toISOString() ?? null;

describe('a duration before the date', () => {
  it.each(['P1D', 'P2W', 'P1W2DT3H4M', 'PT0M', 'PT90M', 'P0D', 'P366D', 'PT8784H', 'PT527040M', 'P01D'])(
    'can be %s',
    (text) => expect(parseSpan(text)).not.toBeNull(),
  );

  it.each([
    ...['', 'P', 'PT', 'P1DT', 'P1', '1D', 'P1Y', 'P1M', 'PT1S', 'P1.5D', 'PT1,5H', '-P1D', 'P-1D', '+P1D', 'p1d'],
    ...['P1D ', ' P1D', 'P1H', 'PT1D', 'P1D1W', 'PT1M1H', 'P1DT1H\n', 'P367D', 'P53W', 'P366DT1M', 'PT9999999M', 'P١D'],
  ])('cannot be %j', (text) => expect(parseSpan(text)).toBeNull());

  it('counts a day from 09:00 where whoever is reminded is', () => {
    const day = { day: '2026-07-01' };
    expect(moment('PT0M', day, 'Europe/Paris')).toBe('2026-07-01T07:00:00.000Z');
    expect(moment('PT30M', day, 'Asia/Kathmandu')).toBe('2026-07-01T02:45:00.000Z');
    expect(moment('P1D', day, '-08:00')).toBe('2026-06-30T17:00:00.000Z');
  });

  it('counts an instant from itself, its days by the calendar there', () => {
    const instant = { instant: Date.parse('2026-03-29T13:00:00Z') };
    expect(moment('PT24H', instant, 'Europe/Paris')).toBe('2026-03-28T13:00:00.000Z');
    // The clocks were put forward in the night between: 15:00 the day before is 25 hours ago… or 23, in autumn.
    expect(moment('P1D', instant, 'Europe/Paris')).toBe('2026-03-28T14:00:00.000Z');
    expect(moment('P1D', { instant: Date.parse('2026-10-25T14:00:00Z') }, 'Europe/Paris')).toBe(
      '2026-10-24T13:00:00.000Z',
    );
  });

  it('comes as much later as the clocks are put forward where they skip it, and first where they show it twice', () => {
    const instant = (text: string) => ({ instant: Date.parse(text) });
    expect(moment('P1D', instant('2026-03-30T00:30:00Z'), 'Europe/Paris')).toBe('2026-03-29T01:30:00.000Z');
    expect(moment('P1D', instant('2026-10-26T01:30:00Z'), 'Europe/Paris')).toBe('2026-10-25T00:30:00.000Z');
    // A day that there never was.
    expect(moment('P1D', { day: '2011-12-31' }, 'Pacific/Apia')).toBe('2011-12-30T19:00:00.000Z');
  });

  it('is none while there is no date, and is long past where that is', () => {
    expect(moment('P1D', null)).toBeNull();
    expect(moment('P366D', { day: '0001-01-02' })).toBe('1970-01-01T00:00:00.000Z');
    expect(moment('PT0M', { day: '9999-12-30' }, '-12:00')).toBe('9999-12-30T21:00:00.000Z');
  });

  const clocks = new Map<string, Intl.DateTimeFormat>();
  function wall(instant: number, zone: string): number {
    const clock =
      clocks.get(zone) ?? new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone });
    clocks.set(zone, clock);
    return Date.parse(`${clock.format(instant).replace(' ', 'T')}Z`);
  }
  const QUARTER = 900_000;
  /** By trying: the first moment whose clock shows the time, or, where none does, as much later as clocks skip there. */
  function naive(clock: number, zone: string): number {
    const around = Array.from({ length: 4 * 28 }, (_, n) => clock + (n - 4 * 14) * QUARTER);
    const shown = around.find((instant) => wall(instant, zone) === clock);
    if (shown !== undefined) return shown;
    const after = around.find((instant) => wall(instant, zone) > clock) as number;
    const skipped = wall(after, zone) - wall(after - QUARTER, zone) - QUARTER;
    return around.find((instant) => wall(instant, zone) === clock + skipped) as number;
  }

  it('is found as someone finds it who looks at the clocks', () => {
    const zones = [
      'UTC',
      'Europe/Paris',
      'America/New_York',
      'Australia/Lord_Howe',
      'Antarctica/Troll',
      'Asia/Kathmandu',
    ];
    const minutes = fc.integer({
      min: Date.UTC(2024, 0, 1) / 60_000,
      max: Date.UTC(2028, 0, 1) / 60_000,
    });
    // Half of them a day after the clocks change, where it matters.
    const shifts = fc
      .constantFrom('2026-03-08T07:00', '2026-03-29T01:00', '2026-10-25T01:00', '2026-04-04T15:00', '2026-10-03T15:30')
      .chain((text) => fc.integer({ min: -180, max: 180 }).map((by) => Date.parse(`${text}Z`) / 60_000 + 1_440 + by));
    const asked = fc.record({
      minute: fc.oneof(minutes, shifts),
      isDay: fc.boolean(),
      days: fc.integer({ min: 0, max: 3 }),
      time: fc.integer({ min: 0, max: 3_000 }),
      zone: fc.constantFrom(...zones),
    });
    fc.assert(
      fc.property(asked, ({ minute, isDay, days, time, zone }) => {
        const instant = minute * 60_000;
        const day = new Date(instant).toISOString().slice(0, 10);
        const clock = isDay ? Date.parse(`${day}T09:00Z`) : wall(instant, zone);
        // No days before an instant is that instant, though its clock should show the same twice.
        const start = !isDay && days === 0 ? instant : naive(clock - days * 86_400_000, zone);
        const date = isDay ? { day } : { instant };
        const before = `P${days}DT${Math.floor(time / 60)}H${time % 60}M`;
        expect(moment(before, date, zone)).toBe(new Date(start - time * 60_000).toISOString());
      }),
      { numRuns: 200 },
    );
    expect(zones.map(parseTimeZone)).not.toContain(null);
  });
});

describe('what is asked for', () => {
  it('is one of the two each, at most twenty', () => {
    const paths = (words: Parameters<typeof refuseReminders>[0]) =>
      refuseReminders(words).map(({ path }) => path.join('.'));
    const instant = at('2026-01-01T00:00:00Z');
    expect(paths([{ at: instant }, { before: 'PT0M' }, { at: null, before: 'P1D' }])).toEqual([]);
    expect(paths([{}, { at: instant, before: 'P1D' }, { before: 'P1Y' }, { at: null, before: null }])).toEqual([
      'reminders.0',
      'reminders.1',
      'reminders.2.before',
      'reminders.3',
    ]);
    expect(paths(Array(20).fill({ before: 'P1D' }))).toEqual([]);
    expect(paths(Array(21).fill({ before: 'nonsense' }))).toEqual(['reminders']);
  });

  it('leaves what is there already, and is the same however often it is said', () => {
    const there = [
      { id: 1, at: at('2026-01-01T00:00:00Z'), before: null },
      { id: 2, at: null, before: 'P2D' },
    ];
    const { gone, added, texts } = replaced(there, [
      { before: 'PT1H' },
      { at: at('2026-01-01T01:00:00+01:00') },
      { before: 'PT1H' },
    ]);
    expect(gone).toEqual([there[1]]);
    expect(added).toEqual([{ at: null, before: 'PT1H' }]);
    expect(texts).toEqual(['PT1H', '2026-01-01T00:00:00.000Z']);
  });

  it('is the same in other words: as many days and as many minutes', () => {
    const there = [{ id: 1, at: null, before: 'PT60M' }];
    const words = ['P1W', 'PT1H', 'P7D', 'P1D', 'PT24H', 'P01D', 'P0DT1H0M'].map((before) => ({ before }));
    const { gone, added, texts } = replaced(there, words);
    expect(gone).toEqual([]);
    expect(added.map(({ before }) => before)).toEqual(['P1W', 'P1D', 'PT24H']);
    expect(texts).toEqual(['P1W', 'PT60M', 'P1D', 'PT24H']);
    // What was the same twice before is one from then on.
    const twice = [...there, { id: 2, at: null, before: 'PT1H' }];
    expect(replaced(twice, [{ before: 'PT1H' }])).toEqual({ gone: [twice[1]], added: [], texts: ['PT60M'] });
  });

  it('is the same exactly where it is the same moment before every date', () => {
    const text = fc
      .record({ weeks: fc.nat(1), days: fc.nat(8), hours: fc.nat(25), minutes: fc.constantFrom(0, 60, 1_440) })
      .map(({ weeks, days, hours, minutes }) => `P${weeks}W${days}DT${hours}H${minutes}M`);
    // So many days after the one on which clocks are put forward, from none on; and one far from it.
    const days = [...Array.from({ length: 17 }, (_, n) => Date.UTC(2026, 2, 29 + n, 12)), Date.UTC(2026, 6, 1)];
    const moments = (before: string) => days.map((instant) => moment(before, { instant }, 'Europe/Paris'));
    const isSame = (one: string, other: string) => moments(one).join() === moments(other).join();
    fc.assert(
      fc.property(text, text, (one, other) => {
        const { added } = replaced([], [{ before: one }, { before: other }]);
        expect(added).toHaveLength(isSame(one, other) ? 1 : 2);
      }),
    );
    expect([isSame('P1D', 'PT24H'), isSame('P2D', 'P1DT24H'), isSame('P1DT60M', 'P1DT1H')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('a reminder', () => {
  const now = at('2026-01-10T00:00:00Z');
  const dueOn = (text: string | null) => taskDateOf({ dueOn: null, dueAt: text === null ? null : at(text) });
  const open: Facts = { status: 'PENDING', date: dueOn('2026-01-20T00:00:00Z'), isDeleted: false, zone: 'UTC' };
  const unsent: Standing = { at: null, before: 'P1D', remindAt: at('2026-01-05T00:00:00Z'), sentAt: null };
  const sent: Standing = { ...unsent, sentAt: at('2026-01-05T00:00:00Z') };
  const ahead = { remindAt: at('2026-01-19T00:00:00Z'), sentAt: null };
  const asItWas = ({ remindAt, sentAt }: Standing) => ({ remindAt, sentAt });

  it('moves with the date, and waits while there is none or the task is in the bin', () => {
    expect(planned(unsent, open, true, now)).toEqual(ahead);
    expect(planned(unsent, open, false, now)).toEqual(ahead);
    expect(planned(unsent, { ...open, date: null }, true, now)).toEqual({ remindAt: null, sentAt: null });
    expect(planned(unsent, { ...open, isDeleted: true }, true, now)).toEqual({ remindAt: null, sentAt: null });
  });

  it('is dropped once the task is done with, unless it was sent', () => {
    for (const status of ['COMPLETED', 'CANCELLED'] as const) {
      expect(planned(unsent, { ...open, status }, false, now)).toBeNull();
      expect(planned(sent, { ...open, status }, true, now)).toEqual(asItWas(sent));
    }
    expect(planned(unsent, { ...open, status: 'ON_HOLD' }, false, now)).toEqual(ahead);
  });

  it('is planned anew where the date moves or the task is reopened, be it from complete or cancelled', () => {
    const status = (from: string, to: string) =>
      plansAnew([
        { field: 'title', from: 1, to: 2 },
        { field: 'status', from, to },
      ]);
    expect(plansAnew([{ field: 'date', from: null, to: '2026-01-01' }])).toBe(true);
    expect([status('COMPLETED', 'PENDING'), status('CANCELLED', 'ON_HOLD')]).toEqual([true, true]);
    expect([status('COMPLETED', 'CANCELLED'), status('PENDING', 'ON_HOLD'), status('PENDING', 'COMPLETED')]).toEqual([
      ...[false, false, false],
    ]);
    expect(plansAnew([{ field: 'assigneeId', from: null, to: 'x' }])).toBe(false);
  });

  it('that was sent is sent again only where it is planned anew and lies ahead by that', () => {
    expect(planned(sent, open, true, now)).toEqual(ahead);
    expect(planned(sent, open, false, now)).toEqual(asItWas(sent));
    expect(planned(sent, { ...open, date: dueOn('2026-01-11T00:00:00Z') }, true, now)).toEqual(asItWas(sent));
    expect(planned(sent, { ...open, date: null }, true, now)).toEqual(asItWas(sent));
    expect(planned(sent, { ...open, isDeleted: true }, true, now)).toEqual(asItWas(sent));
    const instant = { ...sent, at: at('2026-02-01T00:00:00Z'), before: null };
    expect(planned(instant, open, true, now)).toEqual(asItWas(instant));
  });
});
