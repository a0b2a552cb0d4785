import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldChange, NewEvent } from '../../../src/event/log.ts';
import { newUid } from '../../../src/ids.ts';
import { refuseCircle, turnedIn, wayBetween } from '../../../src/task/blockers/rules.ts';

const event = (id: number, kind: NewEvent['kind'], ...changes: FieldChange[]): NewEvent => ({
  kind,
  subject: { type: 'TASK', id: BigInt(id), uid: `t${id}` },
  changes,
});
const status = (from: string, to: string) => ({ field: 'status', from, to });

describe('whoever waits for a task is looked at when', () => {
  const cases: [string, NewEvent, 'turned' | 'completed' | 'neither'][] = [
    ['it is completed', event(1, 'TASK_COMPLETED', status('PENDING', 'COMPLETED')), 'completed'],
    [
      'it is completed without a word',
      { ...event(1, 'TASK_COMPLETED', status('PENDING', 'COMPLETED')), isQuiet: true },
      'turned',
    ],
    ['it is reopened', event(1, 'TASK_REOPENED', status('COMPLETED', 'ON_HOLD')), 'turned'],
    ['it is cancelled', event(1, 'TASK_UPDATED', status('IN_PROGRESS', 'CANCELLED')), 'turned'],
    ['what was cancelled is opened', event(1, 'TASK_UPDATED', status('CANCELLED', 'PENDING')), 'turned'],
    ['it is deleted', event(1, 'TASK_DELETED', { field: 'deletedAt', from: null, to: 'now' }), 'turned'],
    ['it is restored', event(1, 'TASK_RESTORED'), 'turned'],
    ['it goes on, no', event(1, 'TASK_UPDATED', status('PENDING', 'IN_PROGRESS')), 'neither'],
    ['what was cancelled is completed, no', event(1, 'TASK_COMPLETED', status('CANCELLED', 'COMPLETED')), 'neither'],
    ['it is renamed, no', event(1, 'TASK_UPDATED', { field: 'title', from: 'a', to: 'b' }), 'neither'],
    ['it is new, no', event(1, 'TASK_CREATED', status('PENDING', 'COMPLETED')), 'neither'],
    ['it is gone for good, no', event(1, 'TASK_DELETED', { field: 'id', from: 'task_1', to: null }), 'neither'],
    [
      'an activity is completed, no',
      {
        ...event(1, 'TASK_COMPLETED', status('PENDING', 'COMPLETED')),
        subject: { type: 'ACTIVITY', id: 1n, uid: 'a' },
      },
      'neither',
    ],
  ];
  it.each(cases)('%s', (_, given, expected) => {
    const { ids, completed } = turnedIn([given]);
    expect({ ids, completed }).toEqual({
      ids: expected === 'neither' ? [] : [1n],
      completed: expected === 'completed' ? [1n] : [],
    });
  });

  it('it is named once, however many events tell of it', () => {
    const events = [event(1, 'TASK_COMPLETED', status('PENDING', 'COMPLETED')), event(1, 'TASK_DELETED')];
    expect(turnedIn(events)).toEqual({ ids: [1n], completed: [1n] });
  });
});

describe('the way from a task to another', () => {
  const edges = (...pairs: (readonly [number, number])[]) =>
    pairs.map(([taskId, blockerId]) => ({ taskId: BigInt(taskId), blockerId: BigInt(blockerId) }));

  it('is the shortest by their blockers, with both ends', () => {
    expect(wayBetween(edges([1, 2], [2, 3], [3, 4], [1, 5], [5, 4]), 1n, 4n)).toEqual([1n, 5n, 4n]);
    expect(wayBetween(edges([1, 2]), 1n, 2n)).toEqual([1n, 2n]);
    expect(wayBetween(edges([1, 2]), 2n, 1n)).toBeNull();
  });

  it('is there when one is reached by steps, leads along edges, and is no longer than needed', () => {
    const node = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(fc.array(fc.tuple(node, node), { maxLength: 20 }), node, node, (pairs, from, to) => {
        const steps = new Map([[from, 0]]);
        for (let round = 0; round < 8; round += 1) {
          for (const [a, b] of pairs) {
            const known = steps.get(a);
            if (known === round && !steps.has(b)) steps.set(b, round + 1);
          }
        }
        const way = wayBetween(edges(...pairs), BigInt(from), BigInt(to));
        expect(way === null ? undefined : way.length - 1).toBe(steps.get(to));
        if (way === null) return;
        expect([way[0], way.at(-1)]).toEqual([BigInt(from), BigInt(to)]);
        for (const [index, id] of way.slice(1).entries()) {
          expect(pairs.some(([a, b]) => BigInt(a) === way[index] && BigInt(b) === id)).toBe(true);
        }
      }),
    );
  });

  it('is told with the tasks on it, but not those out of sight', () => {
    const [a, b] = [newUid(), newUid()];
    const { message, path, code } = refuseCircle([a, null, b]);
    expect({ path, code }).toEqual({ path: ['blockerId'], code: 'INVALID' });
    expect(message).toBe(
      `Blockers cannot go round in a circle: task_${a}, which is blocked by another task, which is blocked by task_${b}.`,
    );
  });

  it('is told in short when it is long, with both ends', () => {
    const uids = Array.from({ length: 300 }, () => newUid());
    const { message } = refuseCircle(uids);
    expect(message.length).toBeLessThan(700);
    expect(message).toContain(uids[0]);
    expect(message).toContain(uids.at(-1));
  });
});
