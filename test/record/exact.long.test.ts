import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { RecordType } from '../../src/db/generated/prisma/enums.ts';
import { carryOutDeletion } from '../../src/record/deletion/kind.ts';
import type { Job } from '../../src/work/kind.ts';
import { Settled } from '../../src/work/outcome.ts';
import { useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';
import { plantActivity, plantTask, recordsOf, refusals, told } from './room.ts';

// A transaction takes five rows here, so that a small world needs the job again and again.
vi.mock('../../src/record/job.ts', async (original) => ({ ...(await original()), DEPENDANTS_PER_TRANSACTION: 5 }));

const world = useWorld();
const records = () => recordsOf(world(), world().admin);
const where = () => ({ organizationId: world().organization.id });

/** One attempt of whatever job there is, as a worker would make it; false when there is none. */
async function step(): Promise<boolean> {
  const { runtime } = world().gateway.app;
  const row = await world().prisma.job.findFirst({ where: { ...where(), kind: carryOutDeletion.name } });
  if (!row) return false;
  const { organizationId, id, key, payload } = row;
  const job: Job = {
    ...{ organizationId, key, payload, attempt: 1, signal: new AbortController().signal },
    done: async (tx) => {
      await tx.prisma.job.deleteMany({ where: { organizationId, id } });
      return new Settled(null);
    },
    again: async () => new Settled(new Date()),
  };
  await carryOutDeletion.run(runtime, job);
  return true;
}
const drained = async () => {
  while (await step());
};

interface Row {
  readonly name: string;
  readonly kind: RecordType | 'TASK' | 'ACTIVITY';
  readonly key: string;
  /** What takes it along, by its place among the rows. */
  readonly parent: number | null;
}

/** An account, two contacts, an opportunity, a lead, and what is linked to each of them. */
async function plant(counts: readonly number[]): Promise<Row[]> {
  const account = await world().record('ACCOUNT');
  const one = await world().record('CONTACT', { accountId: account.id });
  const two = await world().record('CONTACT', { accountId: account.id });
  const lead = await world().record('LEAD');
  const deal = await world().record('OPPORTUNITY', { accountId: account.id, leadId: lead.id });
  const a = { accountId: account.id };
  const homes = [
    { type: 'ACCOUNT', known: account, links: a, parent: null },
    { type: 'CONTACT', known: one, links: { ...a, contactId: one.id }, parent: 0 },
    { type: 'CONTACT', known: two, links: { ...a, contactId: two.id }, parent: 0 },
    { type: 'OPPORTUNITY', known: deal, links: { ...a, leadId: lead.id, opportunityId: deal.id }, parent: 0 },
    { type: 'LEAD', known: lead, links: { leadId: lead.id }, parent: null },
  ] as const;
  const rows: Row[] = homes.map(({ type, known, parent }, at) => ({
    ...{ name: `${type} ${at}`, kind: type, key: known.key, parent },
  }));
  for (const [at, { type, links }] of homes.entries()) {
    for (let n = 0; n < (counts[at] ?? 0); n += 1) {
      const task = await plantTask(world(), type, links, n % 2 ? { dueOn: new Date('2026-01-01') } : {});
      rows.push({ name: `task ${n} of ${type} ${at}`, kind: 'TASK', key: task.key, parent: at });
    }
    const id = await plantActivity(world(), type, links);
    rows.push({ name: `activity of ${type} ${at}`, kind: 'ACTIVITY', key: String(id), parent: at });
  }
  return rows;
}

/** Deleting and restoring as DESIGN says it, all at once: each row's deletion, or null. */
class Model {
  readonly rows: readonly Row[];
  readonly deletions: (number | null)[];
  #last = 0;
  constructor(rows: readonly Row[]) {
    this.rows = rows;
    this.deletions = rows.map(() => null);
  }
  remove(at: number): string[] {
    if (this.deletions[at] !== null) return ['NOT_ALLOWED id'];
    this.#last += 1;
    this.#take(at, this.#last);
    return [];
  }
  #take(at: number, number: number): void {
    if (this.deletions[at] !== null) return;
    this.deletions[at] = number;
    for (const [child, { parent }] of this.rows.entries()) if (parent === at) this.#take(child, number);
  }
  restore(at: number): string[] {
    const number = this.deletions[at];
    if (number === null) return [];
    const parent = this.rows[at]?.parent ?? null;
    if (parent !== null && this.deletions[parent] !== null) return ['NOT_ALLOWED id'];
    for (const [row, deletion] of this.deletions.entries()) if (deletion === number) this.deletions[row] = null;
    return [];
  }
  get alive(): string[] {
    return this.rows.filter((_, at) => this.deletions[at] === null).map(({ name }) => name);
  }
}

/** All rows as they stand, without what grows with every write. */
async function stored() {
  const { prisma } = world();
  const query = { where: where(), orderBy: { id: 'asc' } } as const;
  const tables = await Promise.all([
    prisma.account.findMany(query),
    prisma.contact.findMany(query),
    prisma.lead.findMany(query),
    prisma.opportunity.findMany(query),
    prisma.task.findMany(query),
    prisma.activity.findMany(query),
  ]);
  return tables.flat().map(({ version: _version, updatedAt: _updatedAt, ...row }) => row);
}

async function alive(rows: readonly Row[]): Promise<string[]> {
  const uids = new Set((await stored()).filter(({ deletedAt }) => deletedAt === null).map(({ uid }) => uid));
  const activities = await world().prisma.activity.findMany({ where: { ...where(), deletedAt: null } });
  const inner = new Set(activities.map(({ id }) => String(id)));
  return rows
    .filter(({ kind, key }) => (kind === 'ACTIVITY' ? inner.has(key) : uids.has(key.split('_')[1] as string)))
    .map(({ name }) => name);
}

type Op =
  | { readonly op: 'remove' | 'restore'; readonly at: number }
  | { readonly op: 'step' }
  | { readonly op: 'task'; readonly at: number };
const operation: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constantFrom('remove', 'restore'), at: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant({ op: 'step' } as const) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('task'), at: fc.nat(30) }) },
);
const drain = Array.from({ length: 6 }, () => ({ op: 'step' }) as const);
/** What chance seldom finds: a contact that is deleted while its account, deleted to the end, is being restored. */
const knot: fc.Arbitrary<Op[]> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2))
  .map(([child, steps]) => [
    { op: 'remove', at: 0 },
    ...drain,
    { op: 'restore', at: 0 },
    ...drain.slice(0, steps),
    { op: 'remove', at: child },
  ]);
const story = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.tuple(operation) }, { weight: 1, arbitrary: knot }), {
    minLength: 3,
    maxLength: 8,
  })
  .map((parts) => parts.flat());

it('restoring brings back exactly what its deletion took, whatever is in progress [CLOSE-59]', async () => {
  const counts = fc.array(fc.nat(4), { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(counts, story, async (counts, operations) => {
      const rows = await plant(counts);
      const before = await stored();
      const model = new Model(rows);
      const tasks = rows.flatMap(({ kind }, at) => (kind === 'TASK' ? [at] : []));
      for (const each of operations) {
        if (each.op === 'step') await step();
        else if (each.op === 'task') {
          // A single task is deleted or not as it stands, which the job may not have come to yet.
          await drained();
          const at = tasks[each.at % Math.max(1, tasks.length)];
          if (at === undefined) continue;
          const { errors } = await writesOf(world(), world().admin).remove(rows[at]?.key as string);
          expect(errors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(model.remove(at));
        } else {
          const { kind, key } = rows[each.at] as Row;
          const answer = await records()[each.op](kind as RecordType, key);
          expect(refusals(answer)).toEqual(model[each.op](each.at));
        }
      }
      await drained();
      expect(await alive(rows)).toEqual(model.alive);
      // What still lies in the bin comes back with its record; single tasks have no way back here.
      const single = tasks.filter((at) => model.deletions[at] !== null);
      for (const at of [0, 1, 2, 3, 4]) {
        const { kind, key } = rows[at] as Row;
        expect(refusals(await records().restore(kind as RecordType, key))).toEqual(model.restore(at));
      }
      await drained();
      expect(await alive(rows)).toEqual(model.alive);
      if (single.every((at) => model.deletions[at] === null)) expect(await stored()).toEqual(before);
      await world().prisma.task.deleteMany({ where: where() });
      await world().prisma.activity.deleteMany({ where: where() });
      for (const table of ['opportunity', 'contact', 'lead', 'account'])
        await world().prisma.$executeRawUnsafe(
          `DELETE FROM ${table} WHERE organization_id = $1`,
          where().organizationId,
        );
    }),
    { numRuns: 6 },
  );
});

it('tells of every row once, each task with its row before and after, batch by batch', async () => {
  const rows = await plant([4, 4, 4, 4, 4]);
  const account = rows[0]?.key as string;
  const images = new Map<bigint, unknown>();
  const events = await told(world(), async () => {
    await records().remove('ACCOUNT', account);
    await drained();
    await records().restore('ACCOUNT', account);
    await drained();
  });
  const counted = Object.groupBy(events, ({ kind }) => kind);
  for (const [kind, count] of Object.entries({ RECORD: 4, TASK: 16, ACTIVITY: 4 })) {
    expect(counted[`${kind}_DELETED`]).toHaveLength(count);
    expect(counted[`${kind}_RESTORED`]).toHaveLength(count);
  }
  for (const { subjectType, subjectId, imageBefore, imageAfter } of events) {
    if (subjectType !== 'TASK') continue;
    if (images.has(subjectId)) expect(imageBefore).toEqual(images.get(subjectId));
    images.set(subjectId, imageAfter);
  }
  const now = await world().prisma.$queryRawUnsafe<{ id: bigint; image: unknown }[]>(
    'SELECT id, to_jsonb(t) AS image FROM task t WHERE organization_id = $1',
    where().organizationId,
  );
  for (const { id, image } of now) if (images.has(id)) expect(images.get(id)).toEqual(image);
  expect(images.size).toBe(16);
});
