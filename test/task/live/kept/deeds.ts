import { newUid } from '../../../../src/ids.ts';
import type { Dice } from './dice.ts';
import { type Deed, type Draw, mutation, records, tasksOf } from './mutation.ts';
import { assign, block, bulk, byId, createOf, date, move, remark, update } from './task-deeds.ts';
import { type Town, ZONES } from './town.ts';

const bin: Draw = (town, dice, by) => {
  const [noun, ids] = dice.of([
    ['Account', town.accounts],
    ['Contact', town.contacts],
    ['Lead', town.leads],
    ['Opportunity', town.opportunities],
  ] as const);
  // More restoring than deleting, or soon there is nothing left.
  return mutation(by, `${dice.onceIn(3) ? 'delete' : 'restore'}${noun}`, { id: dice.of(ids) });
};

const relink: Draw = (town, dice, by) => {
  const accountId = dice.maybe(dice.of(town.accounts));
  if (dice.onceIn(2))
    return mutation(by, 'updateContact', { id: dice.of(town.contacts), patch: { accountId, lastName: 'Known' } });
  const leadId = dice.maybe(dice.of(town.leads));
  const closeDate = dice.maybe(new Date(town.clock.now).toISOString().slice(0, 10));
  const status = dice.onceIn(4) ? { status: dice.of(['OPEN', 'WON']) } : {};
  const patch = dice.of<object>([{ accountId }, { leadId }, { closeDate, ...status }]);
  return mutation(by, 'updateOpportunity', { id: dice.of(town.opportunities), patch });
};

const newRecord: Draw = (town, dice, by) => {
  const accountId = dice.of(town.accounts);
  return dice.of([
    mutation(by, 'createLead', { lastName: 'Newcomer' }, { what: 'lead', into: ({ leads }) => leads }),
    mutation(
      by,
      'createContact',
      { lastName: 'Known', accountId },
      { what: 'contact', into: ({ contacts }) => contacts },
    ),
    mutation(
      by,
      'createOpportunity',
      { name: 'Deal', accountId, closeDate: town.clock.now.toISOString().slice(0, 10) },
      { what: 'opportunity', into: ({ opportunities }) => opportunities },
    ),
  ]);
};

const convert: Draw = (town, dice, by) => mutation(by, 'convertLead', { id: dice.of(town.leads) });

const pipeline: Draw = (town, dice, by) => {
  const { id, stages } = dice.of(town.pipelines);
  const ids = stages.map((stage) => stage.id);
  const stage = { name: 'More', color: '#654321', isDefault: dice.onceIn(4), isWon: dice.onceIn(3) };
  return dice.of([
    mutation(by, 'updatePipeline', { id, wonStageId: dice.maybe(dice.of(ids)), completeTasks: dice.onceIn(2) }),
    mutation(by, 'updatePipeline', { id, defaultStageId: dice.of(ids) }),
    mutation(by, 'addStage', { pipelineId: id, stage }),
    mutation(by, 'reorderStages', { pipelineId: id, stageIds: ids.toReversed() }),
    mutation(by, 'deleteStage', { id: dice.of(ids), moveTasksToStageId: dice.of(ids) }),
    ...(dice.onceIn(6) ? [mutation(by, 'deletePipeline', { id, moveTasksToStageId: dice.of(town.stages) })] : []),
  ]);
};

const RECORDED: Record<string, unknown> = { direction: 'INBOUND' };
const record: Draw = (town, dice, by) => {
  const common = {
    ...RECORDED,
    externalId: newUid(),
    at: town.clock.now.toISOString(),
    recordId: dice.maybe(dice.of(records(town))),
  };
  const mail = {
    from: 'who@far.example',
    to: ['us@ours.example'],
    threadId: `thread ${dice.below(3)}`,
    subject: 'An offer',
  };
  const answer = { ...mail, direction: 'OUTBOUND', followUpOn: town.date(dice) };
  return dice.of([
    mutation(by, 'recordCall', { ...common, outcome: 'MISSED', phone: '+15550100' }, tasksOf),
    mutation(by, 'recordSms', { ...common, remotePhone: '+15550100', text: 'call late' }, tasksOf),
    mutation(by, 'recordEmail', { ...common, ...mail }, tasksOf),
    mutation(by, 'recordEmail', { ...common, ...answer }, tasksOf),
  ]);
};

const sight: Draw = (_town, dice) => {
  const [who, crmAccess] = [dice.of(['member', 'limited', 'viewer'] as const), dice.onceIn(2)];
  const run: Deed['run'] = async (town) => {
    await town.allow(who, crmAccess);
    return 'done';
  };
  return { by: 'admin', name: 'allow', input: { who, crmAccess }, run };
};

/** Time, which passes at once: to when something is due, to a day's beginning, or to somewhere. */
export const turnOf: Draw = (town, dice) => {
  const now = town.clock.now.getTime();
  const soon = town.due.filter((at) => at >= now).toSorted((a, b) => a - b);
  const to = dice.of([
    (soon[0] ?? now) + dice.below(2),
    (soon[dice.below(3)] ?? now) + dice.below(3) - 1,
    town.midnight(dice.of(ZONES)) + dice.below(3) - 1,
    now + 1,
    now + dice.below(8 * 3_600_000),
  ]);
  const run: Deed['run'] = async (there) => {
    there.turn(to);
    return 'done';
  };
  return { by: 'admin', name: 'turn', input: { to: new Date(to).toISOString() }, run };
};

const DEEDS: readonly (readonly [number, Draw])[] = [
  ...([
    [12, createOf],
    [16, update],
    [8, date],
    [8, assign],
    [6, move],
  ] as const),
  [8, byId('completeTask', 'reopenTask')],
  [6, byId('deleteTask', 'restoreTask', 'restoreTask')],
  ...([
    [6, block],
    [4, bulk],
    [2, remark],
    [2, bin],
    [3, relink],
    [2, newRecord],
  ] as const),
  ...([
    [1, convert],
    [3, pipeline],
    [5, record],
    [1, sight],
    [6, turnOf],
  ] as const),
];
const TICKETS = DEEDS.flatMap(([weight, draw]) => Array.from({ length: weight }, () => draw));

/** What somebody is going to do. */
export function deedOf(town: Town, dice: Dice): Deed {
  const by = dice.of(['admin', 'admin', 'member', 'member', 'limited'] as const);
  return dice.of(TICKETS)(town, dice, by);
}
