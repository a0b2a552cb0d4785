import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { boardOf, type KnownPipeline, plantPipeline } from '../../pipeline/board.ts';
import { recordsOf } from '../../record/room.ts';
import { bulkOf } from '../bulk/asked.ts';
import { eventsAfter, lastSeq } from '../retention/room.ts';
import { type Known, useWorld } from '../world.ts';
import { refusals, writesOf } from '../writes.ts';
import { blockersOf } from './asked.ts';

// Random blockers, and every way in which tasks open, close, go and come back, beside a count from scratch.

const world = useWorld();
const COUNT = 6;
/** So many of them are linked to a record that is deleted and restored. */
const LINKED = 3;
let pipeline: KnownPipeline;

beforeAll(async () => {
  pipeline = await plantPipeline(world());
});

type Step =
  | { readonly do: 'add' | 'remove'; readonly task: number; readonly blocker: number }
  | { readonly do: 'complete' | 'open' | 'cancel' | 'hold' | 'rename' | 'delete' | 'restore'; readonly task: number }
  | { readonly do: 'move'; readonly task: number; readonly stage: number }
  | { readonly do: 'bulk'; readonly tasks: readonly number[]; readonly isComplete: boolean }
  | { readonly do: 'deleteRecord' | 'restoreRecord' };

const task = fc.nat({ max: COUNT - 1 });
const edge = fc.record({ do: fc.constant('add' as const), task, blocker: task });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: edge },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), task, blocker: task }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom('complete', 'complete', 'open', 'cancel', 'hold', 'rename', 'delete', 'restore'),
      task,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), task, stage: fc.nat({ max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('bulk' as const),
      tasks: fc.uniqueArray(task, { minLength: 1 }),
      isComplete: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('deleteRecord', 'restoreRecord') }) },
);

interface Image {
  readonly open_blockers: number;
  readonly version: number;
  readonly updated_at: string;
}

it('a task is blocked while a blocker of it is open and not deleted, however that comes about [THENA-T28]', async () => {
  const { add, remove, listed } = blockersOf(world(), world().admin);
  const writes = writesOf(world(), world().admin);
  const board = boardOf(world(), world().admin);
  const bulk = bulkOf(world(), world().admin);
  const records = recordsOf(world(), world().admin);
  const where = { organizationId: world().organization.id };
  const seen = { circles: 0, blocked: 0, turned: 0 };

  const rowsOf = () =>
    world().prisma.task.findMany({ where, orderBy: { id: 'asc' }, omit: { title: true, description: true } });

  await fc.assert(
    fc.asyncProperty(
      fc.array(edge, { minLength: 5, maxLength: 5 }),
      fc.array(step, { minLength: 8, maxLength: 18, size: 'max' }),
      async (first, rest) => {
        const steps = [...first, ...rest];
        await world().prisma.taskBlocker.deleteMany({ where });
        await world().clear();
        const account = await world().record('ACCOUNT');
        const tasks = await world().tasks(
          Array.from({ length: COUNT }, (_, n) => (n < LINKED ? { accountId: account.id } : {})),
        );
        const key = (n: number) => (tasks[n] as Known).key;
        /** Which task waits for which: `2 4`. */
        const edges = new Set<string>();
        const waits = (from: number, to: number): boolean =>
          from === to || tasks.some((_, next) => edges.has(`${from} ${next}`) && waits(next, to));
        /** Who is blocked, as a live list knows it: from the log's images alone. */
        const live = new Set<bigint>();
        let seq = await lastSeq(world());

        const take = async (each: Step): Promise<void> => {
          const before = await rowsOf();
          const isGone = (n: number) => before[n]?.deletedAt !== null;
          /** A task of those that it can happen to; any, where there is none. */
          const oneOf = (n: number, can: (n: number) => boolean) => {
            const among = tasks.map((_, index) => index).filter(can);
            return key(among[n % Math.max(1, among.length)] ?? n);
          };
          const isOpen = (n: number) => ['PENDING', 'ON_HOLD'].includes(before[n]?.status ?? '');
          switch (each.do) {
            case 'add': {
              const { task, blocker } = each;
              const isKnown = edges.has(`${task} ${blocker}`);
              const isCircle = waits(blocker, task);
              const answer = refusals(await add(key(task), key(blocker)));
              if (isGone(task)) expect(answer[0]).toBe('NOT_ALLOWED id');
              else if (task !== blocker && !isKnown && isGone(blocker))
                expect(answer).toEqual(['NOT_ALLOWED blockerId']);
              else expect(answer).toEqual(isCircle ? ['INVALID blockerId'] : []);
              if (answer.length === 0) edges.add(`${task} ${blocker}`);
              seen.circles += Number(isCircle && task !== blocker);
              return;
            }
            case 'remove': {
              const answer = refusals(await remove(key(each.task), key(each.blocker)));
              if (answer.length === 0) edges.delete(`${each.task} ${each.blocker}`);
              return;
            }
            case 'complete':
              return void (await writes.complete(oneOf(each.task, (n) => isOpen(n) && !isGone(n))));
            case 'open':
              return void (await board.reopen(oneOf(each.task, (n) => !isOpen(n) && !isGone(n))));
            case 'cancel':
              return void (await writes.update(key(each.task), { status: 'CANCELLED' }));
            case 'hold':
              return void (await writes.update(key(each.task), { status: 'ON_HOLD' }));
            case 'rename':
              return void (await writes.update(key(each.task), { title: `Task ${Math.random()}` }));
            case 'delete':
              return void (await writes.remove(oneOf(each.task, (n) => !isGone(n))));
            case 'restore':
              return void (await board.restore(oneOf(each.task, isGone)));
            case 'move':
              return void (await board.move(key(each.task), pipeline.stages[each.stage] as string));
            case 'bulk': {
              const filter = { id: { in: each.tasks.map(key) } };
              return void (await bulk.update({ filter, set: { isComplete: each.isComplete } }));
            }
            case 'deleteRecord':
              return void (await records.remove('ACCOUNT', account.key));
            case 'restoreRecord':
              return void (await records.restore('ACCOUNT', account.key));
          }
        };

        for (const each of steps) {
          await take(each);
          const rows = await rowsOf();
          const blocks = (n: number) =>
            rows[n]?.deletedAt === null && ['PENDING', 'IN_PROGRESS', 'ON_HOLD'].includes(rows[n]?.status ?? '');
          const counts = tasks.map(
            (_, n) => tasks.filter((_blocker, by) => edges.has(`${n} ${by}`) && blocks(by)).length,
          );
          expect(rows.map(({ openBlockers }) => openBlockers)).toEqual(counts);

          const events = await eventsAfter(world(), seq);
          seq += BigInt(events.length);
          for (const { subjectId, subjectType, imageBefore, imageAfter, changes, kind } of events) {
            if (subjectType !== 'TASK' || imageAfter === null) continue;
            const [was, is] = [imageBefore as unknown as Image, imageAfter as unknown as Image];
            expect(was.open_blockers > 0).toBe(live.has(subjectId));
            if (is.open_blockers > 0) live.add(subjectId);
            else live.delete(subjectId);
            const fields = (changes as unknown as { field: string }[]).map(({ field }) => field);
            const isAlone = events.filter((event) => event.subjectId === subjectId).length === 1;
            if (kind !== 'TASK_UPDATED' || fields.join() !== 'isBlocked' || !isAlone) continue;
            seen.turned += 1;
            expect([is.version, is.updated_at]).toEqual([was.version, was.updated_at]);
          }
          const blocked = tasks.filter((_, n) => (counts[n] as number) > 0);
          expect([...live].toSorted()).toEqual(blocked.map(({ id }) => id).toSorted());
          expect((await listed(true)).toSorted()).toEqual(blocked.map((each) => each.key).toSorted());
          seen.blocked += blocked.length;
        }
      },
    ),
    { numRuns: 16 },
  );
  // It was about something.
  expect(seen.circles).toBeGreaterThan(1);
  expect(seen.blocked).toBeGreaterThan(30);
  expect(seen.turned).toBeGreaterThan(5);
}, 90_000);
