import type { Tx } from '../../db/database.ts';
import { type Batch, within } from '../../event/batch.ts';
import type { NewEvent } from '../../event/log.ts';
import { type Board, type StageFacts, startOf, wonOf } from '../../pipeline/rules.ts';
import { holdPlaces } from '../../pipeline/service.ts';
import { taskEvents } from '../changes.ts';
import { homeOf, settled, standingOf } from '../door/rules.ts';
import { placeEachLast } from '../place/service.ts';
import { blankTask, type Person, type Ref, type TaskState } from '../rules.ts';
import { notifications } from '../write.ts';
import {
  type CardCount,
  countCards,
  findCards,
  type LockedCard,
  lockCards,
  rehomeCards,
  type Searched,
} from './store.ts';

// Cards follow when the stages of their pipeline change. Whoever calls holds the lock of every pipeline named here.

export type { CardCount };

/** How many tasks stand in these stages. */
export const cardsIn = (tx: Tx, stageIds: readonly bigint[]): Promise<CardCount> => countCards(tx, stageIds);

/** Which cards are to go where. */
export interface Rehoming {
  readonly pipeline: Ref;
  /** The stages that they stand in, in this order. */
  readonly from: readonly (Ref & Searched)[];
  /** The pipeline that they belong into from now on. */
  readonly board: Board;
  /** The stage that was chosen for them; null where only the won stage decides. */
  readonly to: StageFacts | null;
}

/** What was done, and the last card that was looked at; null where there was none. */
export interface RehomedSome extends Batch {
  readonly last: { readonly stageUid: string; readonly position: string } | null;
}

const NOBODY: Person = { id: 0n, uid: '' };

/** What of a card may change, and nothing else: the rest is the same before and after. */
const stateOf = (card: LockedCard, pipeline: Ref, stage: Ref): TaskState => ({
  ...blankTask,
  status: card.status,
  statusBefore: card.statusBefore,
  completedAt: card.completedAt,
  completedBy: card.completedAt && NOBODY,
  outcome: card.outcome,
  assignee: card.assigneeId === null ? null : { id: card.assigneeId, uid: '' },
  pipeline,
  stage,
  position: card.position,
  stageBeforeId: card.stageBeforeId,
});

/** Finds a place at the end of its stage for each that came to another, in the order given. */
export async function placedLast<Card extends { readonly state: TaskState }>(
  tx: Tx,
  cards: readonly Card[],
): Promise<Card[]> {
  const comers = cards.filter(({ state }) => state.stage !== null && state.position === null);
  const places = await placeEachLast(
    tx,
    comers.map(({ state }) => state.stage?.id as bigint),
  );
  const found = new Map(comers.map((card, index) => [card, places[index] as string]));
  return cards.map((card) => {
    const position = found.get(card);
    return position === undefined ? card : { ...card, state: { ...card.state, position } };
  });
}

/**
 * Brings cards to where they belong, at most so many: complete ones into the won stage, the others to `to`, each behind
 * those that are there and in the order that they had. One that stands in the won stage is completed, by `by`.
 */
export async function rehome(
  tx: Tx,
  by: Person,
  { pipeline, from, board, to }: Rehoming,
  now: Date,
  limit: number,
): Promise<RehomedSome> {
  const found = within(await findCards(tx, from, limit + 1), limit);
  const end = found.rows.at(-1);
  if (!end) return { events: [], before: new Map(), taken: 0, more: found.more, last: null };
  const targets = [wonOf(board), to, startOf(board)].filter((stage) => stage !== null);
  await holdPlaces(tx, [...new Set(targets.map(({ id }) => id))]);
  const ids = found.rows.map(({ id }) => id);
  const order = new Map(ids.map((id, index) => [id, index]));
  const locked = await lockCards(tx, ids);
  const cards = locked.toSorted((a, b) => (order.get(a.id) as number) - (order.get(b.id) as number));
  const stages = new Map(from.map(({ id, uid }) => [id, { id, uid }]));
  const decided = cards.map((card) => {
    const before = stateOf(card, pipeline, stages.get(card.stageId) as Ref);
    return { card, before, state: settled(before, homeOf(standingOf(before), board, to), now, by) };
  });
  const placed = await placedLast(tx, decided);
  const rows = placed.map(({ card, before, state }) => ({
    id: card.id,
    pipelineId: state.pipeline?.id ?? null,
    stageId: state.stage?.id ?? null,
    position: state.position,
    stageBeforeId: state.stageBeforeId,
    completes: before.status !== state.status,
  }));
  await rehomeCards(tx, rows, now, by.id, 1);
  const events = placed.flatMap(({ card: { id, uid }, before, state }): NewEvent[] =>
    taskEvents({ type: 'TASK', id, uid }, before, state, notifications({ userId: by.id }, state, true)),
  );
  const images = new Map(cards.map(({ id, image }) => [id, image]));
  const last = { stageUid: (stages.get(end.stageId) as Ref).uid, position: end.position };
  return { events, before: images, taken: ids.length, more: found.more, last };
}
