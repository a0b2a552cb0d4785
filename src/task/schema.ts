import { Account } from '../account/schema.ts';
import { sightOf } from '../auth/sight.ts';
import { Contact } from '../contact/schema.ts';
import { taskDateOf } from '../dates.ts';
import type { TaskCategory as Category } from '../db/generated/prisma/enums.ts';
import { builder } from '../graphql/builder.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { nowOf } from '../graphql/now.ts';
import { present } from '../graphql/present.ts';
import { encodeId } from '../ids.ts';
import { Lead } from '../lead/schema.ts';
import { Opportunity } from '../opportunity/schema.ts';
import { User } from '../organization/schema.ts';
import { Pipeline, Stage } from '../pipeline/schema.ts';
import { LinkedRecord } from '../record/schema.ts';
import { TaskAudience, TaskCategory, TaskKind, TaskPriority, TaskStatus, TaskType, TaskView } from './enums.ts';
import { isOverdue, viewOf } from './rules.ts';
import type { Task as TaskRow } from './store.ts';

const CUSTOMER: readonly Category[] = ['FOLLOW_UP_CALL', 'ACCOUNT_REVIEW', 'TRAINING_SESSION', 'ISSUE_RESOLUTION'];
const DIRECT = { ACCOUNT: 'accountId', CONTACT: 'contactId', LEAD: 'leadId', OPPORTUNITY: 'opportunityId' } as const;
const derived = (what: string) => `Derived from the linked record. Null when that has no ${what}.`;
const IN_ZONE = 'The zone in which today is judged; the viewer’s when absent.';

export const Task = builder.prismaObject('Task', {
  description: 'Something that someone has to do for a customer.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Task', uid) }),
    _type: t.expose('kind', { type: TaskKind, description: 'Where it came from.' }),
    type: t.expose('type', { type: TaskType, description: 'What work it is.' }),
    category: t.expose('category', { type: TaskCategory, nullable: true, description: 'Null when none was chosen.' }),
    audience: t.field({
      type: TaskAudience,
      nullable: true,
      description: 'Follows from the category. Null without one.',
      resolve: ({ category }) => category && (CUSTOMER.includes(category) ? 'CUSTOMER' : 'INTERNAL'),
    }),
    status: t.expose('status', { type: TaskStatus }),
    priority: t.expose('priority', { type: TaskPriority }),
    title: t.exposeString('title', { description: '1 to 255 characters.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'At most 32 KiB. Null when there is none.',
    }),
    date: t.field({
      type: 'TaskDate',
      nullable: true,
      description:
        'When the task is due, and from when it is in the inbox: a day or an instant, as it was given. Null when it is undated.',
      resolve: taskDateOf,
    }),
    dueDate: t.field({
      type: 'TaskDate',
      nullable: true,
      description: 'The same as `date`, null when that is.',
      deprecationReason: 'Use `date`.',
      resolve: taskDateOf,
    }),
    isOverdue: t.boolean({
      description: 'Open, and its day is over or its instant past.',
      args: { timeZone: t.arg({ type: 'TimeZone', description: IN_ZONE }) },
      resolve: (task, { timeZone }, context) =>
        isOverdue(task.status, taskDateOf(task), nowOf(context), timeZone ?? context.viewer.timeZone),
    }),
    view: t.field({
      type: TaskView,
      nullable: true,
      description: 'The view that it is in. Null when it is cancelled.',
      args: { timeZone: t.arg({ type: 'TimeZone', description: IN_ZONE }) },
      resolve: (task, { timeZone }, context) =>
        viewOf(task.status, taskDateOf(task), nowOf(context), timeZone ?? context.viewer.timeZone),
    }),
    isComplete: t.boolean({
      description: 'Whether its status is COMPLETED.',
      resolve: ({ status }) => status === 'COMPLETED',
    }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null unless it is completed.',
    }),
    completedBy: t.field({
      type: User,
      nullable: true,
      description: 'Null unless it is completed.',
      resolve: ({ completedById }, _args, { loaders }) =>
        completedById === null ? null : loaders.user.load(completedById),
    }),
    outcome: t.exposeString('outcome', {
      nullable: true,
      description: 'What came of it, said on completion. Null when nothing was said.',
    }),
    linkedRecord: t.field({
      type: LinkedRecord,
      nullable: true,
      description:
        'What it is about. Null when it was unlinked, or came from a call, e-mail or SMS that matched no record.',
      resolve: (task, _args, { loaders }) => {
        const { linkedType } = task;
        const id = linkedType && task[DIRECT[linkedType]];
        return linkedType && id !== null ? loaders.record[linkedType].load(id) : null;
      },
    }),
    account: t.field({
      type: Account,
      nullable: true,
      description: derived('account'),
      resolve: ({ accountId: id }, _args, { loaders }) => (id === null ? null : loaders.record.ACCOUNT.load(id)),
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description: derived('contact'),
      resolve: ({ contactId: id }, _args, { loaders }) => (id === null ? null : loaders.record.CONTACT.load(id)),
    }),
    lead: t.field({
      type: Lead,
      nullable: true,
      description: derived('lead'),
      resolve: ({ leadId: id }, _args, { loaders }) => (id === null ? null : loaders.record.LEAD.load(id)),
    }),
    opportunity: t.field({
      type: Opportunity,
      nullable: true,
      description: derived('opportunity'),
      resolve: ({ opportunityId: id }, _args, { loaders }) =>
        id === null ? null : loaders.record.OPPORTUNITY.load(id),
    }),
    assignee: t.field({
      type: User,
      nullable: true,
      description: 'Who is to do it. Null when nobody is: then all members with CRM access see it [PARSA-11].',
      resolve: ({ assigneeId }, _args, { loaders }) => (assigneeId === null ? null : loaders.user.load(assigneeId)),
    }),
    creator: t.field({
      type: User,
      description: 'Who created it; the organization’s assistant for what the system made.',
      resolve: async ({ creatorId }, _args, { loaders }) => present(await loaders.user.load(creatorId)),
    }),
    pipeline: t.field({
      type: Pipeline,
      nullable: true,
      description: 'Null when it is in none.',
      resolve: ({ pipelineId: id }, _args, { loaders }) => (id === null ? null : loaders.pipeline.load(id)),
    }),
    stage: t.field({
      type: Stage,
      nullable: true,
      description:
        'Where it stands in its pipeline. Null when it is in none. A task in the bin keeps the stage in which it stood, which may be deleted by now.',
      resolve: ({ stageId: id }, _args, { loaders }) => (id === null ? null : loaders.stage.load(id)),
    }),
    position: t.exposeString('position', {
      nullable: true,
      description: 'Its place within the stage: sorts as text, by code units. Null when it is in no pipeline.',
    }),
    attachmentUrls: t.exposeStringList('attachmentUrls', { description: 'Addresses of http or https, at most 20.' }),
    tags: t.exposeStringList('tags', { description: 'In the order they were given.' }),
    isActive: t.exposeBoolean('isActive', { description: 'False when it is in the bin.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When a field of its own last changed.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null unless it is in the bin.',
    }),
    version: t.exposeInt('version', {
      description:
        'Grows by one with every change; give it as `expectedVersion` to refuse what someone else changed first.',
    }),
  }),
});
registerNode('Task', ({ uid }, { loaders, viewer }) => loaders.taskByUid(sightOf(viewer)).load(uid));

export type { TaskRow };
