import { sightOf } from '../auth/sight.ts';
import { readLogCursor } from '../event/service.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { IdFilter, NullableIdFilter, OrderDirection } from '../graphql/filters.ts';
import { connect } from '../graphql/paging.ts';
import { selects } from '../graphql/selects.ts';
import { uidOf } from '../ids.ts';
import { Fault } from '../refusals.ts';
import { TaskKind, TaskStatus } from './enums.ts';
import { taskList } from './lists.ts';
import { Task, type TaskRow } from './schema.ts';

const MAX_TERMS = 2;

const TaskKindFilter = builder.inputType('TaskKindFilter', {
  description: 'Compares where a task came from.',
  fields: (t) => ({
    eq: t.field({ type: TaskKind }),
    in: t.field({ type: [TaskKind] }),
    notIn: t.field({ type: [TaskKind] }),
    any: t.boolean({ description: 'Every kind. Only `true` is allowed.' }),
  }),
});

const TaskStatusFilter = builder.inputType('TaskStatusFilter', {
  description: 'Compares a status.',
  fields: (t) => ({
    eq: t.field({ type: TaskStatus }),
    in: t.field({ type: [TaskStatus] }),
    notIn: t.field({ type: [TaskStatus] }),
  }),
});

const AssigneeFilter = builder.inputType('AssigneeFilter', {
  description: 'Compares the assignee. Tasks of nobody match `notIn` and `isMe: false`.',
  fields: (t) => ({
    eq: t.id({ description: 'A User’s id.' }),
    in: t.idList(),
    notIn: t.idList(),
    isMe: t.boolean({ description: 'True: assigned to the viewer; false: to anyone else or to nobody.' }),
    isNull: t.boolean({ description: 'True: assigned to nobody; false: to anyone.' }),
  }),
});

const TaskFilter = builder.inputType('TaskFilter', {
  description:
    'Which tasks. All that is given must hold; an absent or null condition does not filter; `in: []` matches nothing, `notIn: []` everything.',
  fields: (t) => ({
    id: t.field({ type: IdFilter }),
    _type: t.field({
      type: TaskKindFilter,
      description: 'When no `_type` stands anywhere in the filter, lists hold LEAD tasks only.',
    }),
    status: t.field({ type: TaskStatusFilter }),
    assignee: t.field({ type: AssigneeFilter }),
    accountId: t.field({
      type: NullableIdFilter,
      description: 'Of the account that it is linked to or that derives from its record.',
    }),
  }),
});

const TaskOrderField = builder.enumType('TaskOrderField', {
  description: 'What tasks are ordered by.',
  values: {
    DATE: {
      description:
        'A day counts as its midnight in the viewer’s zone and comes before an instant at the same moment; undated ones come last in both directions.',
    },
    CREATED_AT: { description: 'When it was created.' },
  },
});

const TaskOrder = builder.inputType('TaskOrder', {
  description: 'One term of an order. Ties go by `id`.',
  fields: (t) => ({
    field: t.field({ type: TaskOrderField, required: true }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'ASC' }),
  }),
});

const TaskConnection = connectionType<TaskRow>('Task', Task, { of: 'tasks', logCursor: true });

builder.queryFields((t) => ({
  task: t.field({
    type: Task,
    nullable: true,
    description: 'A task by its id, deleted ones included. Null when there is none that the viewer may see.',
    args: { id: t.arg.id({ required: true, description: 'A task’s id; any other finds nothing.' }) },
    resolve: (_root, { id }, { loaders, viewer }) => {
      const uid = uidOf('Task', id);
      return uid === null ? null : loaders.taskByUid(sightOf(viewer)).load(uid);
    },
  }),
  tasks: t.field({
    type: TaskConnection,
    description: 'Tasks that the viewer may see.',
    args: {
      filter: t.arg({ type: TaskFilter, description: 'Which ones; all of kind LEAD when absent.' }),
      timeZone: t.arg({ type: 'TimeZone', description: 'Where a day begins; the viewer’s zone when absent.' }),
      orderBy: t.arg({ type: [TaskOrder], description: 'At most two terms. Without it: DATE ASC.' }),
      ...pageArgs(t.arg),
    },
    resolve: async (_root, { filter, timeZone, orderBy, ...page }, { runtime, viewer }, info) => {
      const terms = orderBy?.length ? orderBy : [{ field: 'DATE', direction: 'ASC' } as const];
      if (terms.length > MAX_TERMS || new Set(terms.map(({ field }) => field)).size < terms.length) {
        throw new Fault('BAD_USER_INPUT', 'Order by at most two different fields.', { argument: 'orderBy' });
      }
      if (filter?._type?.any === false) {
        throw new Fault('BAD_USER_INPUT', 'any: false means nothing; leave it out.', { argument: 'filter._type.any' });
      }
      const logCursor = selects(info, 'logCursor') ? await readLogCursor(runtime, viewer) : null;
      const order = { terms, zone: timeZone ?? viewer.timeZone };
      return connect(page, taskList(runtime.db, viewer, { filter: filter ?? {}, order, logCursor }));
    },
  }),
}));
