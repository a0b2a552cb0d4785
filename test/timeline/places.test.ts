import { beforeAll, describe, expect, it } from 'vitest';
import { taskDateOf } from '../../src/dates.ts';
import { blankTask, timelineAt } from '../../src/task/rules.ts';
import { writesOf as activityWrites, least, granted as loggedActivity } from '../activity/writes.ts';
import type { CreateTaskInput, TaskPatch } from '../generated/graphql.ts';
import { type BoardWrites, boardOf, plantPipeline } from '../pipeline/board.ts';
import { recordsOf } from '../record/room.ts';
import { useWorld } from '../task/world.ts';
import { granted, writesOf } from '../task/writes.ts';
import { page, placesOf, titlesOf } from './timelines.ts';

// Where entries stand, and in whose timeline, as they are written in each way there is.

const ZONE = 'America/Los_Angeles';
const clock = { now: Date.parse('2026-03-01T12:00:00.000Z') };
const world = useWorld({ now: () => new Date(clock.now) }, ZONE);
let board: BoardWrites;

beforeAll(() => {
  board = boardOf(world(), world().admin);
});

/** A minute later, as an instant's text. */
const tick = () => {
  clock.now += 60_000;
  return new Date(clock.now).toISOString();
};
const tasks = () => writesOf(world(), world().admin);
const activities = () => activityWrites(world(), world().admin);
const records = () => recordsOf(world(), world().admin);
const create = async (linkedRecordId: string, more: Partial<CreateTaskInput> = {}) =>
  granted(await tasks().create({ title: 'Call', linkedRecordId, ...more })).id;
const update = async (id: string, patch: TaskPatch) => granted(await tasks().update(id, patch));
const log = async (accountId: string, more: object = {}) =>
  loggedActivity(await activities().create({ ...least(accountId), title: 'Met', ...more })).id;
const placeOf = async (record: string, title = 'Call') => (await placesOf(world(), record))[title];

describe('a task stands', () => {
  it('at its creation while it is undated, and at its date once it has one, whatever form that takes', async () => {
    const account = await records().made('ACCOUNT');
    const made = tick();
    const id = await create(account);
    expect(await placeOf(account)).toBe(made);
    tick();
    await update(id, { date: '2026-07-01T09:30:00Z' });
    expect(await placeOf(account)).toBe('2026-07-01T09:30:00.000Z');
    // A day is its start in the organization's zone, whatever the viewer's is, and whichever offset is in force by then.
    await update(id, { date: '2026-07-01' });
    expect(await placeOf(account)).toBe('2026-07-01T07:00:00.000Z');
    await update(id, { date: '2026-12-01' });
    expect(await placeOf(account)).toBe('2026-12-01T08:00:00.000Z');
    await update(id, { title: 'Call', description: 'About the renewal.' });
    expect(await placeOf(account)).toBe('2026-12-01T08:00:00.000Z');
    await update(id, { date: null });
    expect(await placeOf(account)).toBe(made);
  });

  const DOORS: [string, (id: string) => Promise<unknown>, (id: string) => Promise<unknown>][] = [
    ['completeTask', async (id) => granted(await tasks().complete(id)), async (id) => granted(await board.reopen(id))],
    ['isComplete', (id) => update(id, { isComplete: true }), (id) => update(id, { isComplete: false })],
    ['status', (id) => update(id, { status: 'COMPLETED' }), (id) => update(id, { status: 'ON_HOLD' })],
  ];
  it.each(DOORS)(
    'at its completion once it is complete, and at its date again when it is reopened, by %s [CLOSE-52]',
    async (_, complete, reopen) => {
      const lead = await records().made('LEAD');
      const id = await create(lead, { date: '2026-07-01' });
      const completed = tick();
      await complete(id);
      expect(await placeOf(lead)).toBe(completed);
      // What is written to a completed task leaves it there, a new date too.
      tick();
      await update(id, { date: '2026-08-01T00:00:00Z' });
      expect(await placeOf(lead)).toBe(completed);
      await reopen(id);
      expect(await placeOf(lead)).toBe('2026-08-01T00:00:00.000Z');
    },
  );

  it('at its completion once it is moved to the won stage, and at its creation when it leaves it', async () => {
    const account = await records().made('ACCOUNT');
    const { stages } = await plantPipeline(world());
    const made = tick();
    const id = await create(account, { stageId: stages[0] });
    const won = tick();
    granted(await board.move(id, stages[3]));
    expect(await placeOf(account)).toBe(won);
    tick();
    granted(await board.move(id, stages[1]));
    expect(await placeOf(account)).toBe(made);
  });

  it('as a follow-up at a date of its own, above what it follows', async () => {
    const account = await records().made('ACCOUNT');
    const id = await create(account);
    const completed = tick();
    granted(
      await tasks().complete(id, { followUp: { title: 'Ask again', linkedRecordId: account, date: '2026-04-01' } }),
    );
    expect(await placesOf(world(), account)).toEqual({ Call: completed, 'Ask again': '2026-04-01T07:00:00.000Z' });
    expect(await titlesOf(world(), account)).toEqual(['Ask again', 'Call']);
  });

  it('where it stood, once it is back from the bin', async () => {
    const account = await records().made('ACCOUNT');
    const id = await create(account, { date: '2026-07-01' });
    granted(await tasks().remove(id));
    expect(await titlesOf(world(), account)).toEqual([]);
    tick();
    granted(await board.restore(id));
    expect(await placeOf(account)).toBe('2026-07-01T07:00:00.000Z');
  });
});

describe('a timeline', () => {
  it('shows what is ahead, what is due and what was done of the record, newest first [PARSA-14]', async () => {
    const account = await records().made('ACCOUNT');
    const contact = await records().made('CONTACT', { accountId: account });
    await create(contact, { title: 'ahead', date: '2027-01-01' });
    await create(contact, { title: 'overdue', date: '2026-01-05T00:00:00Z' });
    const done = await create(contact, { title: 'done', date: '2025-01-01' });
    tick();
    granted(await tasks().complete(done));
    tick();
    await create(contact, { title: 'just made' });
    await log(account, { linkedRecordId: contact, activityTimestamp: '2026-02-01T00:00:00Z', title: 'met' });
    const expected = ['ahead', 'just made', 'done', 'met', 'overdue'];
    expect(await titlesOf(world(), contact)).toEqual(expected);
    expect(await titlesOf(world(), account)).toEqual(expected);
  });

  it('gives what it takes to complete a task by one click, which then stands at now [PARSA-21]', async () => {
    const opportunity = await records().made('OPPORTUNITY');
    await create(opportunity, { date: '2026-12-24' });
    const [entry] = (await page(world(), world().admin, opportunity)).entries;
    const now = tick();
    granted(await tasks().complete(entry?.id as string));
    expect(await placeOf(opportunity)).toBe(now);
  });

  it('keeps a completed task that has left the inbox [PARSA-23]', async () => {
    const account = await records().made('ACCOUNT');
    const id = await create(account);
    const inbox = async () =>
      (
        await world().gateway.ask<{ account: { tasks: { totalCount: number } } }, object>(
          world().admin,
          `{ account(id: "${account}") { tasks(view: INBOX) { totalCount } } }`,
        )
      ).account.tasks.totalCount;
    expect(await inbox()).toBe(1);
    granted(await tasks().complete(id));
    expect([await inbox(), await titlesOf(world(), account)]).toEqual([0, ['Call']]);
  });

  it('moves an activity with its time, and leaves it out while it is in the bin [THENA-A01]', async () => {
    const account = await records().made('ACCOUNT');
    const id = await log(account);
    expect(await placeOf(account, 'Met')).toBe('2026-01-12T10:00:00.000Z');
    loggedActivity(await activities().update(id, { activityTimestamp: '2026-02-12T10:00:00Z' }));
    expect(await placeOf(account, 'Met')).toBe('2026-02-12T10:00:00.000Z');
    loggedActivity(await activities().remove(id));
    expect(await titlesOf(world(), account)).toEqual([]);
    loggedActivity(await activities().restore(id));
    expect(await titlesOf(world(), account)).toEqual(['Met']);
  });

  it('follows a task to another record', async () => {
    const [from, to] = [await records().made('LEAD'), await records().made('ACCOUNT')];
    const id = await create(from);
    await update(id, { linkedRecordId: to });
    expect([await titlesOf(world(), from), await titlesOf(world(), to)]).toEqual([[], ['Call']]);
  });

  it('of an account takes in the tasks of a contact that moves there; its activities stay where they happened', async () => {
    const [old, young] = [await records().made('ACCOUNT'), await records().made('ACCOUNT')];
    const contact = await records().made('CONTACT', { accountId: old });
    await create(contact);
    await log(old, { linkedRecordId: contact });
    expect(await titlesOf(world(), old)).toEqual(['Call', 'Met']);
    const moved = await records().update('CONTACT', contact, { accountId: young });
    expect(moved.errors).toEqual([]);
    expect(await titlesOf(world(), old)).toEqual(['Met']);
    expect(await titlesOf(world(), young)).toEqual(['Call']);
    expect(await titlesOf(world(), contact)).toEqual(['Call', 'Met']);
  });

  it('of a lead takes in tasks and activities of an opportunity that becomes its own', async () => {
    const [account, lead] = [await records().made('ACCOUNT'), await records().made('LEAD')];
    const deal = await records().made('OPPORTUNITY', { accountId: account });
    await create(deal);
    await log(account, { linkedRecordId: deal });
    expect(await titlesOf(world(), lead)).toEqual([]);
    expect((await records().update('OPPORTUNITY', deal, { leadId: lead })).errors).toEqual([]);
    for (const record of [lead, deal, account]) expect(await titlesOf(world(), record)).toEqual(['Call', 'Met']);
  });

  it('of an account holds the tasks of a lead that was converted to it', async () => {
    const account = await world().record('ACCOUNT');
    const lead = await world().record('LEAD', { convertedAccountId: account.id });
    await create(lead.key);
    expect(await titlesOf(world(), account)).toEqual(['Call']);
  });

  it('loses what is deleted with a contact, and has it back with it', async () => {
    const account = await records().made('ACCOUNT');
    const contact = await records().made('CONTACT', { accountId: account });
    await create(contact, { date: '2026-07-01' });
    await log(account, { linkedRecordId: contact });
    await create(account, { title: 'Its own' });
    expect((await records().remove('CONTACT', contact)).errors).toEqual([]);
    expect([await titlesOf(world(), account), await titlesOf(world(), contact)]).toEqual([['Its own'], []]);
    expect((await records().restore('CONTACT', contact)).errors).toEqual([]);
    expect(await titlesOf(world(), account)).toEqual(['Call', 'Its own', 'Met']);
  });
});

it('every task that was written so, in whatever way, stands where the rule says', async () => {
  const { organization, prisma } = world();
  const rows = await prisma.task.findMany({ where: { organizationId: organization.id } });
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const state = { ...blankTask, completedAt: row.completedAt, date: taskDateOf(row) };
    expect(row.timelineAt, row.title).toEqual(timelineAt(state, row.createdAt, ZONE));
  }
});
