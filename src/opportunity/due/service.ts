import type { Tx } from '../../db/database.ts';
import { within } from '../../event/batch.ts';
import { commit, type NewEvent } from '../../event/log.ts';
import { assistantIdOf, findTimeZone } from '../../organization/service.ts';
import type { Entailed, Entailing } from '../../record/noun.ts';
import type { Runtime } from '../../runtime.ts';
import { type By, changeOpenDue, type Deed, insertDue } from '../../task/due/service.ts';
import { dayAt } from '../../time.ts';
import type { OpportunityState } from '../rules.ts';
import { dueTitle, type Plan, planDue, untilNextRun } from './rules.ts';
import { type DueOpportunity, findDue, holdDue, ownersOfAccounts, rememberDue } from './store.ts';

/** Opportunities whose tasks one transaction makes. */
const BATCH = 500;

/** Makes the tasks of opportunities that have no open one, for their owners, else for their accounts'. */
async function makeTasks(tx: Tx, by: By, opportunities: readonly DueOpportunity[], now: Date): Promise<NewEvent[]> {
  const known = <Value>(values: readonly (Value | null | undefined)[]) => values.filter((value) => value != null);
  const owners = await ownersOfAccounts(tx, known(opportunities.map(({ accountId }) => accountId)));
  const dues = opportunities.map(({ id, uid, name, closeDate, accountId, leadId, ownerId }) => ({
    opportunity: { id, uid, accountId, leadId },
    title: dueTitle(name),
    closeDate,
    candidates: known([ownerId, accountId && owners.get(accountId)]),
  }));
  return insertDue(tx, by, dues, now);
}

/** What becomes of an open one; what it is called follows the opportunity's name. */
const deedOf = ({ open: { deed } }: Plan, { name, closeDate }: OpportunityState): Deed => ({
  title: dueTitle(name),
  ...(deed === 'MOVE' ? { date: closeDate as string } : { status: deed === 'COMPLETE' ? 'COMPLETED' : 'CANCELLED' }),
});

/** What a write to an opportunity entails for its OPPORTUNITY_DUE, in the same transaction. */
export async function followDue(
  tx: Tx,
  by: By,
  { record, row, before, after, now }: Entailing<'OPPORTUNITY', OpportunityState>,
): Promise<Entailed | null> {
  const remembered = row?.dueTaskFor?.toISOString().slice(0, 10) ?? null;
  const plan = planDue(before, after, remembered, dayAt(now.getTime(), by.organizationTimeZone));
  const { name, closeDate, owner, account, lead } = after;
  if (!plan)
    return before && before.name !== name
      ? changeOpenDue(tx, by, new Map([[record.id, { title: dueTitle(name) }]]), now)
      : null;
  const changed = before && (await changeOpenDue(tx, by, new Map([[record.id, deedOf(plan, after)]]), now));
  const had = changed?.opportunityIds.has(record.id) ?? false;
  const { remembers } = had ? plan.open : plan.none;
  const links = { ownerId: owner?.id ?? null, accountId: account?.id ?? null, leadId: lead?.id ?? null };
  const made =
    had || !plan.none.makes
      ? []
      : await makeTasks(tx, by, [{ ...record, ...links, name, closeDate: closeDate as string }], now);
  if (remembers !== remembered) await rememberDue(tx, [record.id], remembers !== null);
  return { events: [...(changed?.events ?? []), ...made], before: changed?.before ?? new Map() };
}

/** Makes tasks of what is due by now, a batch of it. One that somebody has opened again is moved instead. */
async function makeSome(tx: Tx, by: By, now: Date, limit: number) {
  const today = dayAt(now.getTime(), by.organizationTimeZone);
  const { rows, more } = within(await findDue(tx, today, limit + 1), limit);
  const ids = rows.map(({ id }) => id);
  const due = ids.length === 0 ? [] : await holdDue(tx, today, ids);
  if (due.length === 0) return { events: [], before: new Map<bigint, string>(), more };
  const deeds = new Map(
    due.map(({ id, name, closeDate }): [bigint, Deed] => [id, { title: dueTitle(name), date: closeDate }]),
  );
  const changed = await changeOpenDue(tx, by, deeds, now);
  const left = due.filter(({ id }) => !changed.opportunityIds.has(id));
  const made = await makeTasks(tx, by, left, now);
  await rememberDue(tx, [...deeds.keys()], true);
  return { events: [...changed.events, ...made], before: changed.before, more };
}

/**
 * Makes the tasks of an organization's opportunities whose close date has come, a batch a transaction, in which `end` says
 * what comes of it: it is told how long it is until there is more to do.
 */
export async function makeDue<Value>(
  runtime: Runtime,
  organizationId: bigint,
  end: (tx: Tx, inMs: number) => Promise<Value>,
  limit = BATCH,
): Promise<Value> {
  const userId = await assistantIdOf(runtime.db, organizationId);
  const assistant = { organizationId, userId, kind: 'SYSTEM' } as const;
  const made = await commit(runtime, assistant, runtime.now(), async (tx) => {
    const organizationTimeZone = await findTimeZone(tx);
    const now = runtime.now();
    const { events, before, more } = await makeSome(tx, { ...assistant, organizationTimeZone }, now, limit);
    const value = await end(tx, more ? 0 : untilNextRun(now.getTime(), organizationTimeZone));
    return { ok: true, at: now, value, events, before };
  });
  if (!made.ok) throw new Error('What is due was refused.');
  return made.value;
}
