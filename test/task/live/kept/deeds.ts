import { newUid } from '../../../../src/ids.ts';
import { STATUSES } from '../../arbitrary.ts';
import { TAGS } from '../../model/planted.ts';
import type { Dice } from './dice.ts';
import { type Town, ZONES } from './town.ts';

export type Who = keyof Town['callers'];

/** Something that somebody does, thought out before anything of its burst is done: a seed tells what is tried. */
export interface Deed {
  readonly by: Who;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly run: (town: Town, gateway: number) => Promise<'done' | 'refused'>;
}

interface Payload {
  readonly errors: readonly { readonly code: string }[];
  readonly [what: string]: unknown;
}

const capital = (text: string) => text[0]?.toUpperCase() + text.slice(1);

/** A mutation; what it makes is known to the town afterwards. */
function mutation(
  by: Who,
  name: string,
  input: Deed['input'],
  makes?: { what: string; into: (town: Town) => string[] },
): Deed {
  const gives = makes ? `${makes.what} { id }` : '';
  const text = `mutation Deed($input: ${capital(name)}Input!) { deed: ${name}(input: $input) { ${gives} errors { code } } }`;
  return {
    ...{ by, name, input },
    async run(town, gateway) {
      const { data, errors = [] } = await town.try<{ deed: Payload }>(by, text, { input }, gateway);
      // FORBIDDEN is said of a whole mutation: to the one who may not use it at all.
      const bad = errors.filter(({ extensions }) => extensions['code'] !== 'FORBIDDEN');
      if (bad.length > 0) throw new Error(`${name} ${JSON.stringify(input)}: ${JSON.stringify(bad)}`);
      const deed = data?.deed;
      const made = makes && (deed?.[makes.what] as { readonly id: string } | null | undefined);
      if (made) makes.into(town).push(made.id);
      return deed?.errors.length === 0 ? 'done' : 'refused';
    },
  };
}

const TITLES = ['Call about the offer', 'Offer: write', 'LATE invoice', 'Anything'];
const tasksOf = { what: 'task', into: ({ tasks }: Town) => tasks };

const records = ({ accounts, contacts, leads, opportunities }: Town) => [
  ...accounts,
  ...contacts,
  ...leads,
  ...opportunities,
];

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

type Draw = (town: Town, dice: Dice, by: Who) => Deed;

export const createOf: Draw = (town, dice, by) => {
  const link = dice.onceIn(2) ? { accountId: dice.of(town.accounts) } : { linkedRecordId: dice.of(records(town)) };
  const status = dice.onceIn(4) ? { status: dice.of(STATUSES) } : {};
  return mutation(by, 'createTask', { title: dice.of(TITLES), ...fields(town, dice), ...link, ...status }, tasksOf);
};

const update: Draw = (town, dice, by) => {
  const link = dice.onceIn(8) ? { linkedRecordId: dice.of(records(town)) } : {};
  const status = dice.onceIn(5) ? { status: dice.of(STATUSES) } : {};
  const done = dice.onceIn(8) ? { isComplete: dice.onceIn(2) } : {};
  const out = dice.onceIn(12) ? { pipelineId: null } : {};
  const patch = { ...fields(town, dice), ...link, ...status, ...done, ...out };
  return mutation(by, 'updateTask', { id: some(dice, town.tasks), patch });
};

const date: Draw = (town, dice, by) =>
  mutation(by, 'updateTask', { id: some(dice, town.tasks), patch: { date: town.date(dice) } });

const assign: Draw = (town, dice, by) => {
  const assigneeId = dice.of([...town.people.slice(0, 3), null]);
  return mutation(by, 'updateTask', { id: some(dice, town.tasks), patch: { assigneeId }, notify: dice.onceIn(2) });
};

const byId =
  (...names: string[]): Draw =>
  (town, dice, by) =>
    mutation(by, dice.of(names), { id: some(dice, town.tasks) });

const move: Draw = (town, dice, by) =>
  mutation(by, 'moveTask', { id: some(dice, town.tasks), stageId: dice.of(town.stages) });

const block: Draw = (town, dice, by) =>
  mutation(by, dice.of(['addBlocker', 'addBlocker', 'removeBlocker']), {
    ...{ id: some(dice, town.tasks), blockerId: some(dice, town.tasks) },
  });

const bulk: Draw = (town, dice, by) => {
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

const remark: Draw = (town, dice, by) =>
  dice.onceIn(2)
    ? mutation(by, 'addComment', { subjectId: some(dice, town.tasks), body: 'Well.' })
    : mutation(by, 'escalateTask', { id: some(dice, town.tasks), reason: 'It burns.' });

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
