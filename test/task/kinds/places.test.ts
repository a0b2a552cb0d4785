import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskKind } from '../../../src/db/generated/prisma/enums.ts';
import { newUid } from '../../../src/ids.ts';
import { placeOf } from '../../../src/task/taken/rules.ts';
import { findTaken } from '../../../src/task/taken/service.ts';
import { boardOf } from '../../pipeline/board.ts';
import { granted as grantedRecord, recordsOf } from '../../record/room.ts';
import type { Caller } from '../../support/gateway.ts';
import { KINDS } from '../arbitrary.ts';
import { type Known, useWorld } from '../world.ts';
import { granted, refusals, writesOf, written } from '../writes.ts';
import { linkedTo, made } from './planted.ts';

const world = useWorld();
const writes = (caller = world().admin) => ({ ...writesOf(world(), caller), ...boardOf(world(), caller) });
let session: pg.Client;
beforeAll(async () => {
  session = new pg.Client({ connectionString: world().gateway.database.url });
  await session.connect();
});
afterAll(() => session.end());

type More = Parameters<typeof made>[2];
/** Makes tasks that take one place together: of a new thread, or of a new opportunity. */
async function rivals(kind: 'INCOMING_EMAIL' | 'OPPORTUNITY_DUE') {
  const thread = newUid();
  const place =
    kind === 'INCOMING_EMAIL'
      ? { threadId: thread }
      : linkedTo('OPPORTUNITY', await world().record('OPPORTUNITY', { name: thread }));
  return (more: More = {}) => made(world(), kind, { ...place, ...more });
}
const BINNED = { deletedAt: new Date('2026-03-11T00:00:00Z') };

describe.each(['INCOMING_EMAIL', 'OPPORTUNITY_DUE'] as const)('an %s whose place another open one has', (kind) => {
  it.each([
    ['by reopenTask', (id: string) => writes().reopen(id), 'CONFLICT id'],
    ['by isComplete', async (id: string) => writes().update(id, { isComplete: false }), 'CONFLICT patch.isComplete'],
    ['by status', async (id: string) => writes().update(id, { status: 'PENDING' }), 'CONFLICT patch.status'],
  ] as const)('is not opened again %s: the other is named, and nothing is written', async (_way, reopen, refusal) => {
    const rival = await rivals(kind);
    const done = await rival({ status: 'COMPLETED' });
    const open = await rival();
    const before = await written(world());
    const answer = await reopen(done.key);
    expect(refusals(answer)).toEqual([refusal]);
    expect(answer.errors[0]?.message).toContain(open.key);
    expect(await written(world())).toEqual(before);
    // The control: once the other is complete.
    granted(await writes().complete(open.key));
    expect(granted(await reopen(done.key))).toMatchObject({ status: 'PENDING' });
  });

  it('is not opened again when it was cancelled', async () => {
    const rival = await rivals(kind);
    const dropped = await rival({ status: 'CANCELLED' });
    await rival();
    expect(refusals(await writes().reopen(dropped.key))).toEqual(['CONFLICT id']);
  });

  it('stays in the bin, unless it is complete', async () => {
    const rival = await rivals(kind);
    const binned = await rival(BINNED);
    const done = await rival({ ...BINNED, status: 'COMPLETED' });
    const open = await rival();
    const answer = await writes().restore(binned.key);
    expect(refusals(answer)).toEqual(['CONFLICT id']);
    expect(answer.errors[0]?.message).toContain(open.key);
    granted(await writes().restore(done.key));
    granted(await writes().remove(open.key));
    granted(await writes().restore(binned.key));
  });

  it('is completed, assigned and dated as ever', async () => {
    const rival = await rivals(kind);
    const open = await rival();
    await rival({ status: 'COMPLETED' });
    granted(await writes().update(open.key, { date: '2026-04-01', assigneeId: world().member.userId }));
    granted(await writes().update(open.key, { isComplete: false }));
    granted(await writes().complete(open.key));
  });

  it('is refused the same when the other comes at the same moment', async () => {
    const rival = await rivals(kind);
    for (const [first, ask] of [
      [{ status: 'COMPLETED' } as const, (id: string) => writes().reopen(id)],
      [BINNED, (id: string) => writes().restore(id)],
    ] as const) {
      const task = await rival(first);
      const other = await rival({ status: 'CANCELLED' });
      await session.query('BEGIN');
      await session.query(`UPDATE task SET status = 'PENDING' WHERE id = $1`, [other.id]);
      const asked = ask(task.key);
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await expect.poll(async () => (await session.query(waiting)).rowCount).toBe(1);
      await session.query('COMMIT');
      const answer = await asked;
      expect(refusals(answer)).toEqual(['CONFLICT id']);
      expect(answer.errors[0]?.message).toContain(other.key);
      granted(await writes().complete(other.key));
    }
  });

  it('is one of many that are opened at once: one of them is', async () => {
    const rival = await rivals(kind);
    const all = [];
    for (let n = 0; n < 6; n += 1) all.push(await rival(n % 2 ? { status: 'COMPLETED' } : BINNED));
    const answers = await Promise.all(all.map(({ key }, n) => (n % 2 ? writes().reopen(key) : writes().restore(key))));
    expect(answers.flatMap((answer) => refusals(answer))).toEqual(Array(5).fill('CONFLICT id'));
  });
});

describe('a place', () => {
  it('of a task out of the viewer’s sight is not named', async () => {
    const { gateway, organization } = world();
    const limited: Caller = await gateway.member(organization, { email: 'lea@ours.example', crmAccess: false });
    const rival = await rivals('INCOMING_EMAIL');
    const own = await rival({ status: 'COMPLETED', assigneeId: await world().idOf(limited) });
    const open = await rival();
    const answer = await writes(limited).reopen(own.key);
    expect(refusals(answer)).toEqual(['CONFLICT id']);
    expect(answer.errors[0]?.message).not.toContain(open.key);
  });

  it('is nobody’s in another organization, nor of another thread or kind', async () => {
    const { other, prisma } = world();
    const thread = newUid();
    const done = await made(world(), 'INCOMING_EMAIL', { threadId: thread, status: 'COMPLETED' });
    await made({ prisma, organization: other.organization } as never, 'INCOMING_EMAIL', {
      threadId: thread,
    });
    await made(world(), 'EMAIL_FOLLOWUP', { threadId: thread });
    await made(world(), 'INCOMING_EMAIL', { threadId: `${thread}'` });
    granted(await writes().reopen(done.key));
  });

  it('costs a statement where a task takes one, and none for any other', async () => {
    for (const kind of KINDS) {
      const place = kind === 'OPPORTUNITY_DUE' ? linkedTo('OPPORTUNITY', await world().record('OPPORTUNITY')) : {};
      const thread = kind === 'INCOMING_EMAIL' ? { threadId: newUid() } : {};
      const task = await made(world(), kind, { status: 'COMPLETED', ...place, ...thread });
      const sent = await world().gateway.statementsOf(() => writes().reopen(task.key));
      const takes = kind === 'OPPORTUNITY_DUE' || kind === 'INCOMING_EMAIL';
      expect(
        sent.filter((name) => name === 'task.holders'),
        kind,
      ).toEqual(takes ? ['task.holders'] : []);
    }
  });

  it('is given to the first of several that want it at once, and to whoever has it already', async () => {
    const viewer = { crmAccess: true, userId: 0n } as never;
    const claim = fc.record({
      id: fc.bigInt({ min: 1n, max: 40n }).map((n) => -n),
      uid: fc.constant('').map(() => newUid()),
      kind: fc.constantFrom<TaskKind>('INCOMING_EMAIL', 'OPPORTUNITY_DUE', 'VOICEMAIL'),
      threadId: fc.option(fc.constantFrom('free a', 'free b', 'taken')),
      opportunityId: fc.option(fc.constantFrom(-1n, -2n)),
    });
    const holder = await made(world(), 'INCOMING_EMAIL', { threadId: 'taken' });
    const claims = fc.uniqueArray(claim, { selector: ({ id }) => id, maxLength: 12 });
    await world().gateway.app.runtime.db.transaction(world().organization.id, (tx) =>
      fc.assert(
        fc.asyncProperty(claims, async (all) => {
          const taken = await findTaken(tx, viewer, all);
          const model = new Map([['thread taken', holder.id]]);
          for (const each of all) {
            const place = placeOf(each);
            const first = place === null ? undefined : model.get(place);
            expect(taken.get(each.id)?.id).toBe(first);
            if (place !== null && first === undefined) model.set(place, each.id);
          }
          expect(
            await findTaken(tx, viewer, [
              { ...holder, kind: 'INCOMING_EMAIL', threadId: 'taken', opportunityId: null },
            ]),
          ).toEqual(new Map());
        }),
        { numRuns: 40 },
      ),
    );
  });
});

describe('a record that comes out of the bin', () => {
  const contact = async () => await world().record('CONTACT', { accountId: (await world().record('ACCOUNT')).id });
  const rows = async (...tasks: readonly Known[]) => {
    const found = await world().prisma.task.findMany({
      where: { organizationId: world().organization.id, id: { in: tasks.map(({ id }) => id) } },
      orderBy: { id: 'asc' },
      select: { isActive: true, deletionId: true, version: true },
    });
    return found.map(({ isActive, deletionId, version }) => [isActive, deletionId !== null, version]);
  };

  it('leaves a task there whose place was taken meanwhile, of no deletion any more, and brings back all else', async () => {
    const person = await contact();
    const rival = await rivals('INCOMING_EMAIL');
    const link = linkedTo('CONTACT', person);
    const mail = await rival(link);
    const free = await made(world(), 'INCOMING_EMAIL', { ...link, threadId: newUid() });
    const done = await rival({ ...link, status: 'COMPLETED' });
    const call = await made(world(), 'MISSED_CALL', link);
    const records = recordsOf(world(), world().admin);
    grantedRecord(await records.remove('CONTACT', person.key));
    expect(await rows(mail, free, done, call)).toEqual(Array(4).fill([false, true, 2]));
    const other = await rival();
    grantedRecord(await records.restore('CONTACT', person.key));
    expect(await rows(mail, free, done, call)).toEqual([
      [false, false, 2],
      [true, false, 3],
      [true, false, 3],
      [true, false, 3],
    ]);
    const told = await world().prisma.event.findMany({
      where: { organizationId: world().organization.id, kind: 'TASK_RESTORED', subjectId: { in: [mail.id, free.id] } },
    });
    expect(told.map(({ subjectId }) => subjectId)).toEqual([free.id]);
    // It can still come back by itself.
    expect(refusals(await writes().restore(mail.key))).toEqual(['CONFLICT id']);
    granted(await writes().complete(other.key));
    granted(await writes().restore(mail.key));
  });

  it('does so for what its account took, for an opportunity’s due task, and of two that come back together', async () => {
    const account = await world().record('ACCOUNT');
    const deal = await world().record('OPPORTUNITY', { accountId: account.id });
    const due = await made(world(), 'OPPORTUNITY_DUE', linkedTo('OPPORTUNITY', deal, { accountId: account.id }));
    const thread = newUid();
    const mail = () =>
      made(world(), 'INCOMING_EMAIL', { ...linkedTo('ACCOUNT', account), threadId: thread, ...BINNED });
    const [first, second] = [await mail(), await mail()];
    const records = recordsOf(world(), world().admin);
    grantedRecord(await records.remove('ACCOUNT', account.key));
    // As two deletions come to be one where one record is in the other.
    const { deletionId } = await world().prisma.account.findUniqueOrThrow({
      where: { organizationId_id: { organizationId: world().organization.id, id: account.id } },
    });
    await session.query('UPDATE task SET deletion_id = $1 WHERE id = ANY ($2)', [deletionId, [first.id, second.id]]);
    const again = await made(world(), 'OPPORTUNITY_DUE', linkedTo('OPPORTUNITY', deal, { accountId: account.id }));
    grantedRecord(await records.restore('ACCOUNT', account.key));
    expect(await rows(due, first, second, again)).toEqual([
      [false, false, 2],
      [true, false, 2],
      [false, false, 1],
      [true, false, 1],
    ]);
  });

  it('takes e-mails of no thread for no rivals', async () => {
    const person = await contact();
    const mails = [1, 2].map(() => made(world(), 'INCOMING_EMAIL', linkedTo('CONTACT', person)));
    const [first, second] = (await Promise.all(mails)) as [Known, Known];
    const records = recordsOf(world(), world().admin);
    grantedRecord(await records.remove('CONTACT', person.key));
    grantedRecord(await records.restore('CONTACT', person.key));
    expect(await rows(first, second)).toEqual(Array(2).fill([true, false, 3]));
  });

  it('finds a place taken that is taken while it comes back', async () => {
    const person = await contact();
    const rival = await rivals('INCOMING_EMAIL');
    const mail = await rival(linkedTo('CONTACT', person));
    const records = recordsOf(world(), world().admin);
    grantedRecord(await records.remove('CONTACT', person.key));
    const other = await rival({ status: 'CANCELLED' });
    await session.query('BEGIN');
    await session.query(`UPDATE task SET status = 'PENDING' WHERE id = $1`, [other.id]);
    const asked = records.restore('CONTACT', person.key);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await session.query(waiting)).rowCount).toBe(1);
    await session.query('COMMIT');
    grantedRecord(await asked);
    expect(await rows(mail)).toEqual([[false, false, 2]]);
  });
});
