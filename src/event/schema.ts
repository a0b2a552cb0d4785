import { Activity } from '../activity/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { connect } from '../graphql/paging.ts';
import { present } from '../graphql/present.ts';
import { encodeId, encodeLogId, type IdType, uidOf } from '../ids.ts';
import { User } from '../organization/schema.ts';
import { LinkedRecord } from '../record/schema.ts';
import { Task } from '../task/schema.ts';
import type { EventRow } from './history.ts';
import { historyOfTask } from './lists.ts';
import type { FieldChange } from './log.ts';
import { eventCursor } from './log-list.ts';

const EventKind = builder.enumType('EventKind', {
  description:
    'What happened. What was deleted is in the bin; it is gone for good where the event tells that its `id` changed to null.',
  values: [
    'TASK_CREATED',
    'TASK_UPDATED',
    'TASK_ASSIGNED',
    'TASK_COMPLETED',
    'TASK_REOPENED',
    'TASK_STAGE_CHANGED',
    'TASK_DELETED',
    'TASK_RESTORED',
    'TASK_COMMENTED',
    'TASK_REMINDED',
    'TASK_ESCALATED',
    'ACTIVITY_LOGGED',
    'ACTIVITY_UPDATED',
    'ACTIVITY_DELETED',
    'ACTIVITY_RESTORED',
    'ACTIVITY_COMMENTED',
    'RECORD_CREATED',
    'RECORD_UPDATED',
    'RECORD_DELETED',
    'RECORD_RESTORED',
    'TAG_ADDED',
    'MEMBERSHIP_CHANGED',
    'API_KEY_CREATED',
    'API_KEY_REVOKED',
    'PIPELINE_CHANGED',
    'AUTOMATION_CHANGED',
    'ORGANIZATION_CHANGED',
    'QUEUE_CHANGED',
  ] as const,
});

const ActorKind = builder.enumType('ActorKind', {
  description: 'What kind of actor did it.',
  values: {
    USER: { description: 'A person.' },
    API_KEY: { description: 'A program, by its key.' },
    AUTOMATION: { description: 'A rule.' },
    SYSTEM: { description: 'The system by itself.' },
  },
});

const Change = builder.objectRef<FieldChange>('FieldChange').implement({
  description: 'One field that changed, under its name in the API.',
  fields: (t) => ({
    field: t.exposeString('field'),
    from: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Null when there was nothing.',
      resolve: ({ from }) => from,
    }),
    to: t.field({ type: 'JSON', nullable: true, description: 'Null when there is nothing.', resolve: ({ to }) => to }),
  }),
});

const ID_TYPES: Readonly<Record<string, IdType>> = {
  TASK: 'Task',
  ACTIVITY: 'Activity',
  ACCOUNT: 'Account',
  CONTACT: 'Contact',
  LEAD: 'Lead',
  OPPORTUNITY: 'Opportunity',
  MEMBERSHIP: 'Membership',
  API_KEY: 'ApiKey',
  PIPELINE: 'Pipeline',
  ORGANIZATION: 'Organization',
};
const RECORDS = { ACCOUNT: 'ACCOUNT', CONTACT: 'CONTACT', LEAD: 'LEAD', OPPORTUNITY: 'OPPORTUNITY' } as const;

/** Of some tasks' ids, those of tasks that the viewer may see. */
async function seenTasks({ loaders, viewer }: Context, ids: unknown): Promise<unknown> {
  if (viewer.crmAccess || !Array.isArray(ids)) return ids;
  const tasks = loaders.taskByUid(sightOf(viewer));
  const seen = await Promise.all(ids.map((id) => tasks.load(uidOf('Task', id) ?? '')));
  return ids.filter((_id, index) => seen[index] !== null);
}

/** A change as the viewer may see it: whether there is a private activity of others', or a task, is not for them. */
async function shownTo(context: Context, change: FieldChange): Promise<FieldChange> {
  const { loaders, viewer } = context;
  if (change.field === 'blockedBy') {
    const [from, to] = await Promise.all([seenTasks(context, change.from), seenTasks(context, change.to)]);
    return { field: change.field, from, to };
  }
  if (change.field !== 'activityId') return change;
  const seen = async (id: unknown) => {
    const uid = typeof id === 'string' ? uidOf('Activity', id) : null;
    return uid !== null && (await loaders.activityByUid(viewer).load(uid)) ? id : null;
  };
  return { field: change.field, from: await seen(change.from), to: await seen(change.to) };
}

export const Event = builder.objectRef<EventRow>('Event').implement({
  description: 'Something that happened in the organization, in the order in which it was committed.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ seq }, _args, { viewer }) => encodeLogId('Event', viewer.organizationUid, seq) }),
    cursor: t.string({
      description: 'Its place in the log: `after` for a subscription.',
      resolve: (event, _args, { viewer }) => eventCursor(viewer, event),
    }),
    kind: t.expose('kind', { type: EventKind }),
    at: t.expose('at', { type: 'DateTime' }),
    actor: t.field({
      type: User,
      description: 'Who did it.',
      resolve: async ({ actorId }, _args, { loaders }) => present(await loaders.user.load(actorId)),
    }),
    actorKind: t.expose('actorKind', { type: ActorKind }),
    subjectId: t.id({
      description: 'Id of what it happened to; stays when that is gone.',
      resolve: ({ subjectType, subjectUid }) => encodeId(ID_TYPES[subjectType] as IdType, subjectUid),
    }),
    task: t.field({
      type: Task,
      nullable: true,
      description: 'As it is now. Null when it is not about a task, or the task is gone.',
      resolve: ({ subjectType, subjectId }, _args, { loaders, viewer }) =>
        subjectType === 'TASK' ? loaders.task(sightOf(viewer)).load(subjectId) : null,
    }),
    activity: t.field({
      type: Activity,
      nullable: true,
      description:
        'As it is now. Null when it is not about an activity, or the viewer may not see that, or it is gone.',
      resolve: ({ subjectType, subjectId }, _args, { loaders, viewer }) =>
        subjectType === 'ACTIVITY' ? loaders.activity(viewer).load(subjectId) : null,
    }),
    record: t.field({
      type: LinkedRecord,
      nullable: true,
      description: 'As it is now. Null when it is not about a record, or the record is gone.',
      resolve: ({ subjectType, subjectId }, _args, { loaders }) =>
        subjectType in RECORDS ? loaders.record[subjectType as keyof typeof RECORDS].load(subjectId) : null,
    }),
    changes: t.field({
      type: [Change],
      description:
        'Before and after, field by field, in the API’s names and values. An activity that the viewer may not see is null.',
      resolve: ({ changes }, _args, context) => Promise.all(changes.map((change) => shownTo(context, change))),
    }),
  }),
});
registerNode('Event', async ({ uid, seq }, { loaders, viewer }) =>
  uid === viewer.organizationUid && seq !== null ? loaders.eventBySeq(viewer).load(seq) : null,
);

export const EventConnection = connectionType<EventRow>('Event', Event, { of: 'events' });

builder.objectField(Task, 'history', (t) =>
  t.field({
    type: EventConnection,
    description: 'What happened to it, newest first. Kept for 90 days (a setting), and for as long as the task itself.',
    args: pageArgs(t.arg),
    resolve: (task, page, { loaders }) => connect(page, historyOfTask(loaders, task.id)),
  }),
);
