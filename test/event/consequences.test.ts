import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventKind } from '../../src/db/generated/prisma/enums.ts';
import { alongside } from '../../src/event/alongside.ts';
import { joined } from '../../src/event/consequences.ts';
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
    expect(told(alongside(events, [event(2, 'TASK_UPDATED', 'isBlocked')]))).toEqual([
      't1 TASK_COMPLETED status',
      't2 TAG_ADDED tags',
      't2 TASK_UPDATED isBlocked',
      't2 TASK_COMPLETED title',
    ]);
    expect(told(alongside(events, [event(1, 'TASK_UPDATED', 'isBlocked')]))[0]).toBe('t1 TASK_UPDATED isBlocked');
    expect(told(alongside(events, [event(1, 'TASK_REMINDED', 'sentAt')]))[1]).toBe('t1 TASK_REMINDED sentAt');
  });

  it('stands last for a task of which nothing was told', () => {
    const events = alongside([event(1, 'TASK_COMPLETED')], [event(3, 'TASK_UPDATED')]);
    expect(told(events).at(-1)).toBe('t3 TASK_UPDATED title');
  });

  it('becomes part of the event of its kind, with whom it tells', () => {
    const first = { ...event(1, 'TASK_UPDATED', 'date'), notify: [{ userId: 1n, kind: 'MENTIONED' as const }] };
    const second = {
      ...event(1, 'TASK_UPDATED', 'isBlocked'),
      notify: [{ userId: 2n, kind: 'TASK_UNBLOCKED' as const }],
    };
    const [both, ...rest] = alongside([first], [second]);
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

  /** As someone does it who takes one after the other and looks at all that is there each time. */
  function naive(events: readonly NewEvent[], added: NewEvent): readonly NewEvent[] {
    const kinds: EventKind[] = Object.values(EventKind).filter((kind) => kind !== 'TAG_ADDED');
    kinds.splice(kinds.indexOf('TASK_UPDATED'), 0, 'TAG_ADDED');
    const isSame = ({ subject: { type, id } }: NewEvent) => type === added.subject.type && id === added.subject.id;
    const rank = ({ kind }: NewEvent) => kinds.indexOf(kind);
    const twin = events.findIndex((each) => isSame(each) && each.kind === added.kind);
    if (twin >= 0) {
      const { changes, notify = [], ...same } = events[twin] as NewEvent;
      const both = { ...same, changes: [...changes, ...added.changes], notify: [...notify, ...(added.notify ?? [])] };
      return events.with(twin, both);
    }
    const after = events.findLastIndex((each) => isSame(each) && rank(each) < rank(added));
    const first = events.findIndex(isSame);
    return events.toSpliced(after >= 0 ? after + 1 : first >= 0 ? first : events.length, 0, added);
  }

  it('stands where someone would put it who takes one after the other', () => {
    const happening = fc
      .record({
        type: fc.constantFrom('TASK' as const, 'ACCOUNT' as const),
        id: fc.integer({ min: 1, max: 3 }),
        kind: fc.constantFrom<EventKind[]>(
          'TASK_CREATED',
          'TAG_ADDED',
          'TASK_UPDATED',
          'TASK_COMPLETED',
          'TASK_REMINDED',
        ),
        told: fc.option(fc.bigInt({ min: 1n, max: 3n })),
        field: fc.constantFrom('a', 'b'),
      })
      .map(({ type, id, kind, told: userId, field }): NewEvent => {
        const { subject, ...rest } = event(id, kind, field);
        const notify = userId === null ? {} : { notify: [{ userId, kind: 'MENTIONED' as const }] };
        return { ...rest, subject: { ...subject, type }, ...notify };
      });
    const some = fc.array(happening, { maxLength: 12 });
    fc.assert(
      fc.property(some, some, (events, added) => {
        expect(alongside(events, added)).toEqual(added.reduce(naive, events));
      }),
    );
  });

  it('is found its place without looking at every event for each', () => {
    let looks = 0;
    const watched = (id: number, kind: EventKind): NewEvent => {
      const { subject, ...rest } = event(id, kind);
      const counting = {
        ...rest,
        get subject() {
          looks += 1;
          return subject;
        },
      };
      return counting;
    };
    const events = Array.from({ length: 3_000 }, (_, id) => watched(id, 'TASK_COMPLETED'));
    const added = Array.from({ length: 1_000 }, (_, id) => watched(3 * id, 'TASK_UPDATED'));
    expect(alongside(events, added)).toHaveLength(4_000);
    expect(looks).toBe(4_000);
    looks = 0;
    added.reduce(naive, events.slice(0, 100));
    expect(looks).toBeGreaterThan(40_000);
  });
});
