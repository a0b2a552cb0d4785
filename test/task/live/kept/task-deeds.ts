import { STATUSES } from '../../arbitrary.ts';
import { TAGS } from '../../model/planted.ts';
import type { Dice } from './dice.ts';
import { type Draw, mutation, records, tasksOf } from './mutation.ts';
import { type Town, ZONES } from './town.ts';

const TITLES = ['Call about the offer', 'Offer: write', 'LATE invoice', 'Anything'];
/** Any task, and more often one of the latest. */
const some = (dice: Dice, tasks: readonly string[]) => dice.of(dice.onceIn(3) ? tasks : tasks.slice(-30));

function fields(town: Town, dice: Dice): Record<string, unknown> {
  const draw: Record<string, () => unknown> = {
    title: () => dice.of(TITLES),
    description: () => dice.of(['They were late.', 'An offer, a call', null]),
    type: () => dice.of(['FOLLOW_UP', 'CALL', 'DEMO']),
    category: () => dice.of(['FOLLOW_UP_CALL', 'ISSUE_RESOLUTION', 'TEAM_UPDATE', null]),
    priority: () => dice.of(['LOW', 'MEDIUM', 'HIGH']),
    tags: () => TAGS.filter(() => dice.onceIn(3)),
    date: () => town.date(dice),
    assigneeId: () => dice.of([...town.people.slice(0, 3), null]),
    ...(dice.onceIn(4) && { stageId: () => dice.of(town.stages) }),
    activityId: () => dice.maybe(dice.of(town.activities)),
    attachmentUrls: () => (dice.onceIn(2) ? ['https://a.example/1'] : []),
  };
  const names = Object.keys(draw).filter(() => dice.onceIn(4));
  return Object.fromEntries(names.map((name) => [name, draw[name]?.()]));
}

export const createOf: Draw = (town, dice, by) => {
  const link = dice.onceIn(2) ? { accountId: dice.of(town.accounts) } : { linkedRecordId: dice.of(records(town)) };
  const status = dice.onceIn(4) ? { status: dice.of(STATUSES) } : {};
  return mutation(by, 'createTask', { title: dice.of(TITLES), ...fields(town, dice), ...link, ...status }, tasksOf);
};

export const update: Draw = (town, dice, by) => {
  const link = dice.onceIn(8) ? { linkedRecordId: dice.of(records(town)) } : {};
  const status = dice.onceIn(5) ? { status: dice.of(STATUSES) } : {};
  const done = dice.onceIn(8) ? { isComplete: dice.onceIn(2) } : {};
  const out = dice.onceIn(12) ? { pipelineId: null } : {};
  const patch = { ...fields(town, dice), ...link, ...status, ...done, ...out };
  return mutation(by, 'updateTask', { id: some(dice, town.tasks), patch });
};

export const date: Draw = (town, dice, by) =>
  mutation(by, 'updateTask', { id: some(dice, town.tasks), patch: { date: town.date(dice) } });

export const assign: Draw = (town, dice, by) => {
  const assigneeId = dice.of([...town.people.slice(0, 3), null]);
  return mutation(by, 'updateTask', { id: some(dice, town.tasks), patch: { assigneeId }, notify: dice.onceIn(2) });
};

export const byId =
  (...names: string[]): Draw =>
  (town, dice, by) =>
    mutation(by, dice.of(names), { id: some(dice, town.tasks) });

export const move: Draw = (town, dice, by) =>
  mutation(by, 'moveTask', { id: some(dice, town.tasks), stageId: dice.of(town.stages) });

export const block: Draw = (town, dice, by) =>
  mutation(by, dice.of(['addBlocker', 'addBlocker', 'removeBlocker']), {
    ...{ id: some(dice, town.tasks), blockerId: some(dice, town.tasks) },
  });

export const bulk: Draw = (town, dice, by) => {
  const filter = dice.of([
    { status: { in: [dice.of(STATUSES)] } },
    { assignee: { isNull: true } },
    { tag: { eq: dice.of(TAGS) }, isOpen: true },
    { priority: { eq: 'HIGH' }, _type: { any: true } },
    { due: dice.of(['OVERDUE', 'TODAY']) },
    { accountId: { eq: dice.of(town.accounts) } },
  ]);
  const set = dice.of([
    { date: town.date(dice) },
    { assigneeId: dice.of([...town.people.slice(0, 3), null]) },
    { isComplete: dice.onceIn(2) },
    { date: town.date(dice), assigneeId: dice.of(town.people.slice(0, 3)) },
  ]);
  return mutation(by, 'bulkUpdateTasks', { filter, set, timeZone: dice.of(ZONES) });
};

export const remark: Draw = (town, dice, by) =>
  dice.onceIn(2)
    ? mutation(by, 'addComment', { subjectId: some(dice, town.tasks), body: 'Well.' })
    : mutation(by, 'escalateTask', { id: some(dice, town.tasks), reason: 'It burns.' });
