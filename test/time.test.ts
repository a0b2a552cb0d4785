import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  dayAt,
  isDay,
  lastDayBegun,
  nextTimeOfDay,
  offsetTimeZone,
  parseTimeZone,
  startOfDay,
} from '../src/time.ts';

const HOUR = 3_600_000;
const ZONES = Intl.supportedValuesOf('timeZone');
const at = (text: string) => Date.parse(text);

/** What a zone's clocks show, asked of the platform's calendar rather than of Temporal. */
function clockOf(zone: string): (instant: number) => string {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, ...parts });
  return (instant) => format.format(instant);
}

/** The moments at which a zone changes its offset within some years. */
function changesOf(zone: string, from: string, to: string): number[] {
  const found: number[] = [];
  let next = Temporal.Instant.from(from).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  while (next && next.epochMilliseconds < at(to)) {
    found.push(next.epochMilliseconds);
    next = next.getTimeZoneTransition('next');
  }
  return found;
}

const SPECIAL: [zone: string, from: string, to: string][] = [
  ['Pacific/Apia', '2011-01-01T00:00:00Z', '2012-06-01T00:00:00Z'],
  ['America/St_Johns', '2008-01-01T00:00:00Z', '2012-01-01T00:00:00Z'],
  ['Pacific/Kiritimati', '1994-01-01T00:00:00Z', '1996-01-01T00:00:00Z'],
  ['Australia/Lord_Howe', '2011-01-01T00:00:00Z', '2013-01-01T00:00:00Z'],
  ['Antarctica/Troll', '2011-01-01T00:00:00Z', '2013-01-01T00:00:00Z'],
];
const CHANGES = [
  ...ZONES.map((zone) => [zone, changesOf(zone, '2024-01-01T00:00:00Z', '2031-01-01T00:00:00Z')] as const),
  ...SPECIAL.map(([zone, from, to]) => [zone, changesOf(zone, from, to)] as const),
];

/** Runs over every change of offset, with the days around it, and gives what went wrong. */
function wrongAt(
  judge: (zone: string, change: number, days: string[], shows: (instant: number) => string) => unknown[],
) {
  return CHANGES.flatMap(([zone, changes]) => {
    const shows = clockOf(zone);
    return changes.flatMap((change) => {
      const days = [-1, 0, 1].map((count) => addDays(shows(change), count));
      return judge(zone, change, days, shows);
    });
  });
}

describe('at every change of offset of every zone from 2024 to 2030, and at five odd ones of before', () => {
  it('there are changes to look at', () => {
    expect(CHANGES.flatMap(([, changes]) => changes).length).toBeGreaterThan(700);
    for (const [zone, changes] of CHANGES.slice(-SPECIAL.length)) expect(changes, zone).not.toHaveLength(0);
  });

  it('a day starts at the first moment at which clocks show it or a later one', () => {
    const wrong = wrongAt((zone, _change, days, shows) =>
      days
        .map((day) => ({ zone, day, start: startOfDay(day, zone) }))
        .filter(({ day, start }) => {
          const before = Array.from({ length: 12 }, (_, step) => shows(start - 1 - (step * HOUR) / 2));
          return shows(start) < day || before.some((shown) => shown >= day);
        }),
    );
    expect(wrong).toEqual([]);
  });

  it('a day starts where Temporal says', () => {
    const wrong = wrongAt((zone, _change, days) =>
      days.filter(
        (day) => startOfDay(day, zone) !== Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds,
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('the day at an instant is the one that clocks show', () => {
    const wrong = wrongAt((zone, change, days, shows) =>
      [...[-HOUR, -1, 0, 1, HOUR].map((step) => change + step), ...days.map((day) => startOfDay(day, zone))]
        .filter((instant) => dayAt(instant, zone) !== shows(instant))
        .map((instant) => ({ zone, instant })),
    );
    expect(wrong).toEqual([]);
  });

  it('the last day begun is the greatest that starts at or before the instant', () => {
    const wrong = wrongAt((zone, change, days) =>
      [
        ...[-HOUR, -1, 0, 1, HOUR].map((step) => change + step),
        ...days.flatMap((day) => [startOfDay(day, zone) - 1, startOfDay(day, zone)]),
      ]
        .map((instant) => {
          const near = [-2, -1, 0, 1, 2].map((count) => addDays(dayAt(instant, zone), count));
          return { zone, instant, expected: near.filter((day) => startOfDay(day, zone) <= instant).at(-1) };
        })
        .filter(({ instant, expected }) => lastDayBegun(instant, zone) !== expected),
    );
    expect(wrong).toEqual([]);
  });

  it('the next six o’clock is the first moment after at which clocks show it', () => {
    const wrong = CHANGES.flatMap(([zone, changes]) => {
      const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
      const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...time });
      const isSix = (instant: number) => format.format(instant) === '06:00';
      return changes
        .flatMap((change) => [change - 14 * HOUR, change - HOUR, change, change + HOUR])
        .filter((instant) => {
          const next = nextTimeOfDay(instant, 6, zone);
          const between = Array.from(
            { length: (next - instant) / (HOUR / 4) - 1 },
            (_, step) => (step + 1) * (HOUR / 4),
          );
          // Apia skipped a whole day, and six o’clock with it.
          const isSkipped = zone === 'Pacific/Apia' && !isSix(next);
          return next <= instant || !(isSix(next) || isSkipped) || between.some((ms) => isSix(instant + ms));
        })
        .map((instant) => ({ zone, instant }));
    });
    expect(wrong).toEqual([]);
  });

  it('days never start out of order', () => {
    const wrong = wrongAt((zone, _change, days) =>
      days.slice(1).filter((day, index) => startOfDay(day, zone) < startOfDay(days[index] as string, zone)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('where a naive calendar is wrong', () => {
  it('a day that Apia skipped starts together with the next one', () => {
    expect(startOfDay('2011-12-30', 'Pacific/Apia')).toBe(at('2011-12-30T10:00:00Z'));
    expect(startOfDay('2011-12-31', 'Pacific/Apia')).toBe(at('2011-12-30T10:00:00Z'));
    expect(startOfDay('2011-12-29', 'Pacific/Apia')).toBe(at('2011-12-29T10:00:00Z'));
    expect(lastDayBegun(at('2011-12-30T10:00:00Z'), 'Pacific/Apia')).toBe('2011-12-31');
    expect(lastDayBegun(at('2011-12-30T09:59:59.999Z'), 'Pacific/Apia')).toBe('2011-12-29');
  });

  it("a day that began in St John's has begun, though its clocks show the day before again", () => {
    // On 2010-11-07 at 00:01 the clocks went back to 23:01.
    const again = at('2010-11-07T02:31:00Z');
    expect(dayAt(again - 1, 'America/St_Johns')).toBe('2010-11-07');
    expect(dayAt(again, 'America/St_Johns')).toBe('2010-11-06');
    expect(lastDayBegun(again, 'America/St_Johns')).toBe('2010-11-07');
  });

  it("a day without a midnight starts at one o'clock", () => {
    // Santiago goes from 24:00 to 01:00.
    expect(startOfDay('2026-09-06', 'America/Santiago')).toBe(at('2026-09-06T04:00:00Z'));
    expect(startOfDay('2026-09-05', 'America/Santiago')).toBe(at('2026-09-05T04:00:00Z'));
  });

  it.each([
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['Antarctica/Troll', '2026-03-29', 22],
    ['Antarctica/Troll', '2026-10-25', 26],
    ['Pacific/Kiritimati', '1994-12-30', 24],
    ['Pacific/Kiritimati', '1994-12-31', 0],
    ['Europe/Paris', '2026-03-29', 23],
    ['Europe/Paris', '2026-10-25', 25],
    ['-08:00', '2026-03-29', 24],
  ])('in %s the day %s has %d hours', (zone, day, hours) => {
    expect((startOfDay(addDays(day, 1), zone) - startOfDay(day, zone)) / HOUR).toBe(hours);
  });
});

describe('a time zone', () => {
  it.each([
    ['Europe/Paris', 'Europe/Paris'],
    ['europe/paris', 'Europe/Paris'],
    ['utc', 'UTC'],
    ['-08:00', '-08:00'],
    ['+05:45', '+05:45'],
    ['-00:00', '+00:00'],
    ['-12:00', '-12:00'],
    ['+14:00', '+14:00'],
    ['Etc/GMT+8', 'Etc/GMT+8'],
  ])('is read from %s as %s', (text, zone) => {
    expect(parseTimeZone(text)).toBe(zone);
  });

  it.each([
    '',
    ' ',
    'Nowhere/Town',
    'Europe/Paris ',
    '-12:01',
    '+14:01',
    '+05:60',
    '+5:30',
    '-08',
    '+0530',
    'Z',
    '__proto__',
    `A${'a'.repeat(64)}`,
  ])('is not %j', (text) => {
    expect(parseTimeZone(text)).toBeNull();
    expect(parseTimeZone(text), 'nor the second time').toBeNull();
  });

  it('is known for every name of the platform', () => {
    expect(ZONES.filter((zone) => parseTimeZone(zone) === null)).toEqual([]);
  });

  it.each([
    ['-8', '-08:00'],
    ['+9', '+09:00'],
    ['0', '+00:00'],
    ['-0', '+00:00'],
    ['5.5', '+05:30'],
    ['+5.75', '+05:45'],
    ['-3.5', '-03:30'],
    ['14', '+14:00'],
    ['-12', '-12:00'],
  ])('of %s hours is %s [CLOSE-08]', (hours, zone) => {
    expect(offsetTimeZone(hours)).toBe(zone);
  });

  it.each(['', '14.25', '-12.5', '-13', '8h', '1e1', '--8', '5,5', '.5', 'NaN', '٨'])(
    'of %j hours is none',
    (hours) => {
      expect(offsetTimeZone(hours)).toBeNull();
    },
  );
});

describe('a day', () => {
  it.each(['0001-01-01', '2024-02-29', '9999-12-31'])('is %s', (text) => expect(isDay(text)).toBe(true));
  it.each([
    '0000-01-01',
    '2026-02-29',
    '2026-00-10',
    '2026-13-01',
    '2026-1-1',
    '2026-01-32',
    ' 2026-01-01',
    '+002026-01-01',
    '2026-01-01T00:00:00Z',
    '',
  ])('is not %j', (text) => expect(isDay(text)).toBe(false));
});
