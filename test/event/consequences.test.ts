import { describe, expect, it } from 'vitest';
import type { EventKind } from '../../src/db/generated/prisma/enums.ts';
import { alongside, joined } from '../../src/event/consequences.ts';
import type { NewEvent } from '../../src/event/log.ts';

const event = (id: number, kind: EventKind, field = 'title'): NewEvent => ({
  kind,
  subject: { type: 'TASK', id: BigInt(id), uid: `t${id}` },
  changes: [{ field, from: 1, to: 2 }],
});
const told = (events: readonly NewEvent[]) =>
  events.map(({ kind, subject, changes }) => `${subject.uid} ${kind} ${changes.map(({ field }) => field)}`);

describe('what follows from what happened', () => {
  it('stands with the other events of its task, in the order of kinds', () => {
    const events = [event(1, 'TASK_COMPLETED', 'status'), event(2, 'TAG_ADDED', 'tags'), event(2, 'TASK_COMPLETED')];
    expect(told(alongside(events, event(2, 'TASK_UPDATED', 'isBlocked')))).toEqual([
      't1 TASK_COMPLETED status',
      't2 TAG_ADDED tags',
      't2 TASK_UPDATED isBlocked',
      't2 TASK_COMPLETED title',
    ]);
    expect(told(alongside(events, event(1, 'TASK_UPDATED', 'isBlocked')))[0]).toBe('t1 TASK_UPDATED isBlocked');
    expect(told(alongside(events, event(1, 'TASK_REMINDED', 'sentAt')))[1]).toBe('t1 TASK_REMINDED sentAt');
  });

  it('stands last for a task of which nothing was told', () => {
    const events = alongside([event(1, 'TASK_COMPLETED')], event(3, 'TASK_UPDATED'));
    expect(told(events).at(-1)).toBe('t3 TASK_UPDATED title');
  });

  it('becomes part of the event of its kind, with whom it tells', () => {
    const first = { ...event(1, 'TASK_UPDATED', 'date'), notify: [{ userId: 1n, kind: 'MENTIONED' as const }] };
    const second = {
      ...event(1, 'TASK_UPDATED', 'isBlocked'),
      notify: [{ userId: 2n, kind: 'TASK_UNBLOCKED' as const }],
    };
    const [both, ...rest] = alongside([first], second);
    expect(rest).toEqual([]);
    expect(both?.changes.map(({ field }) => field)).toEqual(['date', 'isBlocked']);
    expect(both?.notify?.map(({ userId }) => userId)).toEqual([1n, 2n]);
  });

  it('keeps the row that a task had before all of it', () => {
    const happened = { events: [event(1, 'TASK_UPDATED')], before: new Map([[1n, 'first']]) };
    const images = new Map([
      [1n, 'second'],
      [2n, 'other'],
    ]);
    const { before } = joined(happened, [event(2, 'TASK_UPDATED')], images);
    expect(Object.fromEntries(before)).toEqual({ 1: 'first', 2: 'other' });
  });
});
