import { expect, it } from 'vitest';
import { NOTHING, together } from '../../src/event/batch.ts';
import type { NewEvent } from '../../src/event/log.ts';

const event = (kind: NewEvent['kind'], id: bigint, field: string, userId?: bigint): NewEvent => ({
  kind,
  subject: { type: 'TASK', id, uid: `T${id}` },
  changes: [{ field, from: null, to: 1 }],
  ...(userId !== undefined && { notify: [{ userId, kind: 'TASK_ASSIGNED' }] }),
});
const shown = (events: readonly NewEvent[]) =>
  events.map(({ kind, subject, changes, notify = [] }) =>
    [kind, subject.id, ...changes.map(({ field }) => field), ...notify.map(({ userId }) => userId)].join(' '),
  );

it('what two works did to different things stands one after the other', () => {
  const [first, second] = [event('TASK_UPDATED', 1n, 'a'), event('TASK_UPDATED', 2n, 'b')];
  const both = together(
    { events: [first], before: new Map([[1n, 'one']]) },
    { events: [second], before: new Map([[2n, 'two']]) },
  );
  expect(shown(both.events)).toEqual(['TASK_UPDATED 1 a', 'TASK_UPDATED 2 b']);
  expect(both.before).toEqual(
    new Map([
      [1n, 'one'],
      [2n, 'two'],
    ]),
  );
  expect(together(NOTHING, NOTHING)).toEqual(NOTHING);
});

it('what both did to one thing stands together, one event a kind, with its row as the first found it', () => {
  const both = together(
    { events: [event('TASK_UPDATED', 1n, 'a', 7n), event('TASK_UPDATED', 2n, 'a')], before: new Map([[1n, 'first']]) },
    {
      events: [event('TASK_UPDATED', 1n, 'b', 8n), event('TASK_COMPLETED', 1n, 'c'), event('TASK_CREATED', 3n, 'd')],
      before: new Map([[1n, 'second']]),
    },
  );
  expect(shown(both.events)).toEqual([
    'TASK_UPDATED 1 a b 7 8',
    'TASK_COMPLETED 1 c',
    'TASK_UPDATED 2 a',
    'TASK_CREATED 3 d',
  ]);
  expect(both.before).toEqual(new Map([[1n, 'first']]));
});
