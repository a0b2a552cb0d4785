import { describe, expect, it } from 'vitest';
import { type Deal, dueTitle, planDue, untilNextRun } from '../../../src/opportunity/due/rules.ts';

const TODAY = '2026-03-10';
const [PAST, FUTURE, LATER] = ['2026-03-01', '2026-03-20', '2026-03-30'];
const deal = (status: Deal['status'], closeDate: string | null): Deal => ({ status, closeDate });

/** What becomes of an open task, and what is remembered; then what is done without one, and what is remembered. */
function told(before: Deal | null, after: Deal, remembered: string | null): string {
  const plan = planDue(before, after, remembered, TODAY);
  if (!plan) return 'nothing';
  const { open, none } = plan;
  return `${open.deed} ${open.remembers} | ${none.makes ? 'MAKE' : '-'} ${none.remembers}`;
}

describe('what a write to an opportunity entails', () => {
  it.each<[string, Deal, string]>([
    ['open and due today', deal('OPEN', TODAY), `MOVE ${TODAY} | MAKE ${TODAY}`],
    ['open and due long ago', deal('OPEN', PAST), `MOVE ${PAST} | MAKE ${PAST}`],
    ['open and not yet due', deal('OPEN', FUTURE), 'nothing'],
    ['open without a close date', deal('OPEN', null), 'nothing'],
    ['won and due', deal('WON', TODAY), 'nothing'],
    ['lost and due', deal('LOST', PAST), 'nothing'],
  ])('a new one that is %s', (_, after, expected) => {
    expect(told(null, after, null)).toBe(expected);
  });

  it.each<[string, Deal, Deal, string | null, string]>([
    ['leaves an open one that is not due', deal('OPEN', FUTURE), deal('OPEN', FUTURE), null, 'nothing'],
    ['leaves an open one whose task was made', deal('OPEN', PAST), deal('OPEN', PAST), PAST, 'nothing'],
    ['leaves an open one that is due', deal('OPEN', TODAY), deal('OPEN', TODAY), null, `MOVE ${TODAY} | MAKE ${TODAY}`],
    [
      'leaves one due whose task was made for another day',
      deal('OPEN', PAST),
      deal('OPEN', PAST),
      FUTURE,
      `MOVE ${PAST} | MAKE ${PAST}`,
    ],
    ['puts it off', deal('OPEN', TODAY), deal('OPEN', FUTURE), TODAY, `MOVE ${FUTURE} | - null`],
    ['puts off one without a task', deal('OPEN', FUTURE), deal('OPEN', LATER), null, `MOVE ${LATER} | - null`],
    ['brings it forward to today', deal('OPEN', FUTURE), deal('OPEN', TODAY), null, `MOVE ${TODAY} | MAKE ${TODAY}`],
    ['dates it back', deal('OPEN', TODAY), deal('OPEN', PAST), TODAY, `MOVE ${PAST} | MAKE ${PAST}`],
    [
      'sets a date that a task was made for once',
      deal('OPEN', null),
      deal('OPEN', PAST),
      PAST,
      `MOVE ${PAST} | MAKE ${PAST}`,
    ],
    ['clears the date', deal('OPEN', TODAY), deal('OPEN', null), TODAY, 'CANCEL null | - null'],
    ['wins it', deal('OPEN', TODAY), deal('WON', TODAY), TODAY, `COMPLETE ${TODAY} | - ${TODAY}`],
    ['loses it before it was due', deal('OPEN', FUTURE), deal('LOST', FUTURE), null, 'COMPLETE null | - null'],
    ['wins it and dates it', deal('OPEN', PAST), deal('WON', TODAY), PAST, 'COMPLETE null | - null'],
    ['loses it and clears the date', deal('OPEN', PAST), deal('LOST', null), PAST, 'COMPLETE null | - null'],
    ['turns a win into a loss', deal('WON', PAST), deal('LOST', PAST), PAST, `COMPLETE ${PAST} | - ${PAST}`],
    ['dates one that is won', deal('WON', PAST), deal('WON', TODAY), PAST, `MOVE ${TODAY} | - null`],
    ['clears the date of one that is won', deal('WON', PAST), deal('WON', null), PAST, 'CANCEL null | - null'],
    ['opens it again, remembered', deal('WON', PAST), deal('OPEN', PAST), PAST, 'nothing'],
    ['opens it again, due', deal('LOST', PAST), deal('OPEN', PAST), null, `MOVE ${PAST} | MAKE ${PAST}`],
    ['opens it again, not yet due', deal('LOST', FUTURE), deal('OPEN', FUTURE), null, 'nothing'],
    ['opens it again and dates it', deal('WON', PAST), deal('OPEN', TODAY), PAST, `MOVE ${TODAY} | MAKE ${TODAY}`],
    ['opens it again and puts it off', deal('WON', PAST), deal('OPEN', FUTURE), PAST, `MOVE ${FUTURE} | - null`],
    ['opens it again and clears the date', deal('WON', PAST), deal('OPEN', null), PAST, 'CANCEL null | - null'],
  ])('an edit that %s', (_, before, after, remembered, expected) => {
    expect(told(before, after, remembered)).toBe(expected);
  });
});

describe('its title', () => {
  it('says the name, whole where there is room', () => {
    expect(dueTitle('Acme: renewal')).toBe('Acme: renewal is due to close');
    expect(dueTitle('x'.repeat(239))).toBe(`${'x'.repeat(239)} is due to close`);
  });

  it('cuts a long name by characters, and ends it without space', () => {
    expect([...dueTitle('😀'.repeat(255))]).toHaveLength(255);
    expect(dueTitle('😀'.repeat(255)).isWellFormed()).toBe(true);
    expect(dueTitle(`${'x'.repeat(238)} ${'y'.repeat(16)}`)).toBe(`${'x'.repeat(238)} is due to close`);
  });
});

describe('the next run', () => {
  const next = (now: string, zone: string) =>
    new Date(Date.parse(now) + untilNextRun(Date.parse(now), zone)).toISOString();
  it.each([
    ['UTC', '2026-03-10T05:59:59.999Z', '2026-03-10T06:00:00.000Z'],
    ['UTC', '2026-03-10T06:00:00.000Z', '2026-03-11T06:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-03-10T15:59:00.000Z', '2026-03-10T16:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-03-10T16:00:00.000Z', '2026-03-11T16:00:00.000Z'],
    ['America/St_Johns', '2026-03-07T12:00:00.000Z', '2026-03-08T08:30:00.000Z'],
    ['America/St_Johns', '2026-03-07T09:00:00.000Z', '2026-03-07T09:30:00.000Z'],
    // The clocks are put forward on 8 March, and back on 1 November.
    ['America/St_Johns', '2026-03-08T08:30:00.000Z', '2026-03-09T08:30:00.000Z'],
    ['America/St_Johns', '2026-10-31T08:30:00.000Z', '2026-11-01T09:30:00.000Z'],
    ['Pacific/Pago_Pago', '2026-03-10T17:00:00.000Z', '2026-03-11T17:00:00.000Z'],
    // A day that was skipped has no morning of its own.
    ['Pacific/Apia', '2011-12-29T16:00:00.000Z', '2011-12-30T16:00:00.000Z'],
  ])('in %s after %s is at %s', (zone, now, expected) => {
    expect(next(now, zone)).toBe(expected);
  });
});
