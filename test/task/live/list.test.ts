import { describe, expect, it } from 'vitest';
import { KnownIds } from '../../../src/db/known-ids.ts';
import type { TaskFilter, TaskView } from '../../../src/task/filter/filter.ts';
import { reachOf } from '../../../src/task/filter/reach.ts';
import { LiveList, rangesBetween } from '../../../src/task/live/list.ts';

const NOON = Date.parse('2026-03-11T12:00:00Z');

/** A list of someone who sees everything. */
const listOf = (filter: TaskFilter, view: TaskView | null = null, viewerId = 1n) =>
  new LiveList({
    ...{ sight: 'ALL', viewerId, weekStartsOn: 'MONDAY', zone: 'UTC', now: NOON, parent: null },
    ...{ filter, view, reach: reachOf(filter, view), known: new KnownIds() },
  });

describe('lists are of one shape', () => {
  it('whatever they hold, and however much of it', () => {
    const shapes = [['a'], ['b', 'c'], []].map((tags, index) =>
      listOf({ tag: { in: tags }, status: { notIn: ['PENDING'] }, assignee: { isMe: true } }, 'INBOX', BigInt(index)),
    );
    const judged = shapes.map((list) => list.at(NOON));
    expect(new Set(judged.map(({ shape, columns }) => `${shape} ${columns}`)).size).toBe(1);
    expect(new Set(judged.map(({ row }) => row)).size).toBe(3);
  });

  it('whenever they are judged', () => {
    const list = listOf({ due: 'OVERDUE' }, 'FUTURE');
    expect(list.at(NOON + 90_000_000).shape).toBe(list.at(NOON).shape);
  });

  it('no more where another condition stands', () => {
    expect(listOf({ isOpen: true }).at(NOON).shape).not.toBe(listOf({ isComplete: true }).at(NOON).shape);
  });

  it('and hold nothing that only an index wants', () => {
    expect(listOf({ assignee: { isNull: true }, pipelineId: { in: ['x'] } }).at(NOON).shape).not.toMatch(/SELECT|FROM/);
  });
});

describe('between two instants only tasks can move', () => {
  const between = (filter: TaskFilter, view: TaskView | null, to: string) => {
    const list = listOf(filter, view);
    return rangesBetween(list.at(NOON, 'a'), list.at(Date.parse(to), 'b'));
  };

  it('none on the same day, where the day decides', () => {
    expect(between({ due: 'TODAY' }, 'INBOX', '2026-03-11T23:59:59Z')).toEqual({ days: [], instants: [] });
  });

  it('that are dated between the two values which their date is compared with', () => {
    expect(between({}, 'INBOX', '2026-03-14T00:00:00Z')).toEqual({
      days: [['2026-03-12', '2026-03-15']],
      instants: [['2026-03-12T00:00:00.000Z', '2026-03-15T00:00:00.000Z']],
    });
    expect(between({ due: 'OVERDUE' }, null, '2026-03-11T12:05:00Z')).toEqual({
      days: [],
      instants: [['2026-03-11T12:00:00.000Z', '2026-03-11T12:05:00.000Z']],
    });
  });

  it('and the same ranges where time is told to go back', () => {
    expect(between({ not: { due: 'OVERDUE' } }, null, '2026-03-10T12:00:00Z')).toEqual({
      days: [['2026-03-10', '2026-03-11']],
      instants: [['2026-03-10T12:00:00.000Z', '2026-03-11T12:00:00.000Z']],
    });
  });
});
