import { createAccount } from '../account/service.ts';
import { createActivity } from '../activity/service.ts';
import { createContact } from '../contact/service.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import { encodeId, type IdType } from '../ids.ts';
import { createLead } from '../lead/service.ts';
import { createOpportunity } from '../opportunity/service.ts';
import type { Runtime } from '../runtime.ts';
import { moveTask } from '../task/move/service.ts';
import { completeTask, createTask } from '../task/service.ts';
import type { Person } from './cast.ts';
import { granted } from './granted.ts';
import { recordAgain, recordTask, type Told } from './recordings.ts';
import type { Story, TaskStory } from './story.ts';

const RECENT_MS = 2 * 86_400_000;

/** Ids by place, as they are made: several steps are under way at once. */
type Made = Readonly<Record<RecordType | 'ACTIVITY', Map<number, Promise<string>>>>;

const ID_TYPES = {
  ACCOUNT: 'Account',
  CONTACT: 'Contact',
  LEAD: 'Lead',
  OPPORTUNITY: 'Opportunity',
  ACTIVITY: 'Activity',
} as const;

/** One thing that somebody did at some time. */
export interface Step {
  readonly at: number;
  run(runtime: Runtime): Promise<unknown>;
}

/** Who does it, where, and when it is all over. */
export interface Stage {
  readonly team: readonly Person[];
  readonly boards: Boards;
  readonly now: number;
}

/** What the story tells of, as steps; each made by its owner, as people make them. */
export function stepsOf(story: Story, { team, boards, now }: Stage): Step[] {
  const made: Made = {
    ACCOUNT: new Map(),
    CONTACT: new Map(),
    LEAD: new Map(),
    OPPORTUNITY: new Map(),
    ACTIVITY: new Map(),
  };
  const steps: Step[] = [];
  const by = (owner: number) => team[owner] as Person;
  const idOf = async (type: keyof Made, index: number | null) =>
    index === null ? null : ((await made[type].get(index)) as string);
  const each = <Told extends { readonly at: number; readonly owner: number }>(
    type: keyof Made,
    told: readonly Told[],
    make: (runtime: Runtime, one: Told, owner: Person) => Promise<{ readonly uid: string }>,
  ) => {
    for (const [index, one] of told.entries()) {
      const id = async (runtime: Runtime) =>
        encodeId(ID_TYPES[type] satisfies IdType, (await make(runtime, one, by(one.owner))).uid);
      const run = (runtime: Runtime) => {
        const promised = id(runtime);
        made[type].set(index, promised);
        return promised;
      };
      steps.push({ at: one.at, run });
    }
  };
  each('ACCOUNT', story.accounts, (runtime, { name, domain, tags }, { viewer, userId }) =>
    granted(createAccount(runtime, viewer, { name, domain, tags, ownerId: userId })),
  );
  each(
    'CONTACT',
    story.contacts,
    async (runtime, { firstName, lastName, email, phone, account }, { viewer, userId }) => {
      const words = { firstName, lastName, email, phone, accountId: await idOf('ACCOUNT', account) };
      return granted(createContact(runtime, viewer, { ...words, ownerId: userId, tags: [] }));
    },
  );
  each('LEAD', story.leads, (runtime, { at: _at, owner: _owner, ...words }, { viewer, userId }) =>
    granted(createLead(runtime, viewer, { ...words, ownerId: userId, tags: [] })),
  );
  each(
    'OPPORTUNITY',
    story.opportunities,
    async (runtime, { at: _at, owner: _owner, account, contact, ...words }, owner) => {
      const links = {
        accountId: await idOf('ACCOUNT', account),
        contactId: await idOf('CONTACT', contact),
        leadId: null,
      };
      return granted(createOpportunity(runtime, owner.viewer, { ...words, ...links, ownerId: owner.userId, tags: [] }));
    },
  );
  each('ACTIVITY', story.activities, async (runtime, { account, contact, timestamp, isPrivate, ...told }, owner) => {
    const { type, status, title, location, duration } = told;
    const contactId = await idOf('CONTACT', contact);
    return granted(
      createActivity(runtime, owner.viewer, {
        ...{ type, status, title, location, duration, visibility: isPrivate ? 'PRIVATE' : 'ORGANIZATION' },
        accountId: (await idOf('ACCOUNT', account)) as string,
        ...(contactId !== null && { linkedRecordId: contactId }),
        activityTimestamp: new Date(timestamp),
        participants: [{ userId: owner.userId }, ...(contactId === null ? [] : [{ contactId }])],
      }),
    );
  });
  const personOf = ({ record }: TaskStory) => {
    if (record?.type === 'LEAD') return story.leads[record.index] ?? null;
    return (record?.type === 'CONTACT' && story.contacts[record.index]) || null;
  };
  for (const [index, task] of story.tasks.entries()) {
    const told = { task, person: personOf(task), index };
    steps.push(...stepsOfTask(told, by(task.owner), made, { team, boards, now }));
  }
  return steps.sort((a, b) => a.at - b.at);
}

/** Ids of stages by pipeline, in their order. */
export type Boards = readonly { readonly id: string; readonly stages: readonly string[] }[];

function stepsOfTask(told: Told, owner: Person, made: Made, stage: Stage): Step[] {
  const { task } = told;
  const { team, boards, now } = stage;
  const assignee = task.assignee === null ? null : (team[task.assignee] as Person);
  const { type, title, priority, category, date, tags, status, record } = task;
  let taskId: Promise<string> | undefined;
  const create = async (runtime: Runtime) => {
    const linkedRecordId = record && ((await made[record.type].get(record.index)) as string);
    // What it came from may not have been logged yet.
    const activityId = (task.activity === null ? null : await made.ACTIVITY.get(task.activity)) ?? null;
    if (task.kind !== 'LEAD') return recordTask(runtime, owner, told, task.kind);
    const pipelineId = task.pipeline === null ? null : (boards[task.pipeline]?.id ?? null);
    const words = { type, title, priority, category, date, tags, linkedRecordId, activityId };
    const place = pipelineId === null ? { status } : { pipelineId };
    // Only what is recent still lies unread in somebody's inbox.
    const notify = task.at > now - RECENT_MS;
    return granted(
      createTask(runtime, owner.viewer, { ...words, ...place, assigneeId: assignee?.userId ?? null, notify }),
    );
  };
  const steps: Step[] = [
    { at: task.at, run: (runtime) => (taskId = create(runtime).then(({ uid }) => encodeId('Task', uid))) },
    ...task.moves.map(({ at, stage }) => ({
      at,
      run: async (runtime: Runtime) => {
        const id = (await taskId) as string;
        const stageId = boards[task.pipeline ?? 0]?.stages[stage] as string;
        return granted(moveTask(runtime, owner.viewer, { id, stageId, expectedVersion: null, spot: 'LAST' }));
      },
    })),
  ];
  const { completed, again } = task;
  if (again !== null) {
    // It joins the task before anybody completes it.
    const join = async (runtime: Runtime) => {
      await taskId;
      return encodeId('Task', (await recordAgain(runtime, owner, told)).uid);
    };
    steps.push({ at: again, run: (runtime) => (taskId = join(runtime)) });
  }
  if (completed) {
    const { at, outcome } = completed;
    const by = assignee ?? owner;
    const run = async (runtime: Runtime) => {
      const id = (await taskId) as string;
      return granted(completeTask(runtime, by.viewer, { id, expectedVersion: null, outcome, followUp: null }));
    };
    steps.push({ at, run });
  }
  return steps;
}

/** As many as an organization may write at once. What a step needs has begun before it. */
const LANES = 4;

/** Takes the steps in their order, some at once. */
export async function takeAll(runtime: Runtime, steps: readonly Step[]): Promise<void> {
  const left = steps.values();
  const lane = async () => {
    for (const { at, run } of left) await run({ ...runtime, now: () => new Date(at) });
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
