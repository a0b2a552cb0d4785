import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Caller } from '../support/gateway.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, writesOf } from '../task/writes.ts';
import { deskOf } from './room.ts';

// Who is told of comments, completions and escalations, against a rule that knows of nothing but people and sets.

const KINDS = ['TASK_COMMENTED', 'TASK_COMPLETED', 'TASK_ESCALATED', 'MENTIONED'] as const;
type Kind = (typeof KINDS)[number];

interface Person {
  readonly crmAccess: boolean;
  readonly muted: readonly Kind[];
  /** Null: said nothing. */
  readonly watches: boolean | null;
}

const SIZE = 5;
const person = fc.record<Person>({
  crmAccess: fc.boolean(),
  muted: fc.subarray([...KINDS], { maxLength: 2 }),
  watches: fc.constantFrom(null, true, true, false),
});
const who = fc.nat({ max: SIZE - 1 });
const drawn = fc.record({
  people: fc.array(person, { minLength: SIZE, maxLength: SIZE }),
  left: fc.option(who),
  creator: who,
  assignee: fc.option(who),
  owner: fc.option(who),
  actor: who,
  mentioned: fc.subarray([0, 1, 2, 3, 4]),
  deed: fc.constantFrom('comment' as const, 'complete' as const, 'escalate' as const),
});

const world = useWorld();
let callers: Caller[] = [];
let ids: bigint[] = [];
let account: Known;

beforeAll(async () => {
  const { gateway, organization } = world();
  account = await world().record('ACCOUNT');
  callers = await Promise.all(
    Array.from({ length: SIZE }, (_, n) => gateway.member(organization, { email: `p${n}@ours.example` })),
  );
  ids = await Promise.all(callers.map((caller) => world().idOf(caller)));
});

it('whoever watches or has it and sees it, each once, by the most specific kind, never the actor', async () => {
  const { prisma, organization } = world();
  const where = { organizationId: organization.id };
  let told = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async ({ people, left, creator, assignee, owner, actor, mentioned, deed }) => {
      const [task] = await world().tasks([
        {
          accountId: account.id,
          creatorId: ids[creator] as bigint,
          assigneeId: assignee === null ? null : (ids[assignee] as bigint),
        },
      ]);
      const { id: taskId, key } = task as Known;
      await prisma.account.updateMany({
        where: { ...where, id: account.id },
        data: { ownerId: owner === null ? null : (ids[owner] as bigint) },
      });
      const isHere = (n: number) => n !== left || n === actor;
      for (const [n, { crmAccess, muted, watches }] of people.entries()) {
        const userId = ids[n] as bigint;
        const data = { crmAccess: crmAccess || n === actor, isActive: isHere(n), mutedKinds: [...muted] };
        await prisma.membership.updateMany({ where: { ...where, userId }, data });
        if (watches !== null)
          await prisma.taskWatcher.create({ data: { ...where, taskId, userId, isWatching: watches } });
      }
      const sees = (n: number) => isHere(n) && (people[n]?.crmAccess || n === actor || n === creator || n === assignee);
      const named = mentioned.filter(sees);
      const desk = deskOf(world(), callers[actor] as Caller);
      if (deed === 'comment')
        await desk.say(
          key,
          'x',
          named.map((n) => callers[n]?.userId as string),
        );
      if (deed === 'escalate') await desk.escalate(key);
      if (deed === 'complete') granted(await writesOf(world(), callers[actor] as Caller).complete(key));

      const expected = people.flatMap(({ watches, muted }, n) => {
        const isWatching = watches ?? n === creator;
        const kind: Kind | null =
          deed === 'comment' && named.includes(n)
            ? 'MENTIONED'
            : deed === 'escalate'
              ? isWatching || n === owner
                ? 'TASK_ESCALATED'
                : null
              : isWatching || n === assignee
                ? deed === 'comment'
                  ? 'TASK_COMMENTED'
                  : 'TASK_COMPLETED'
                : null;
        return kind && n !== actor && sees(n) && !muted.includes(kind) ? [[ids[n], kind]] : [];
      });
      const rows = await prisma.notification.findMany({ where: { ...where, taskId }, orderBy: { userId: 'asc' } });
      expect(rows.map(({ userId, kind }) => [userId, kind])).toEqual(
        expected.toSorted(([a], [b]) => Number((a as bigint) - (b as bigint))),
      );
      told += rows.length;
    }),
    { numRuns: 60 },
  );
  expect(told).toBeGreaterThan(20);
}, 60_000);
