import type { EnumRef } from '@pothos/core';
import { builder, type Types } from '../graphql/builder.ts';
import { DateTimeFilter, DeletedFilter, IdFilter, NullableIdFilter, StringFilter } from '../graphql/filters.ts';
import { RecordType } from '../record/schema.ts';
import { TaskAudience, TaskCategory, TaskKind, TaskPriority, TaskStatus, TaskType } from './enums.ts';
import type { TaskFilter as Filter } from './filter/filter.ts';

const DueBucket = builder.enumType('DueBucket', {
  description:
    'When a task is due, on the calendar of the list’s zone. Buckets overlap: what was due this morning is OVERDUE, TODAY and THIS_WEEK.',
  values: {
    OVERDUE: { description: 'Open, and its day is over or its instant past.' },
    TODAY: { description: 'Dated today, open or not.' },
    THIS_WEEK: {
      description: 'Dated in the week that today is in, from the organization’s first weekday, open or not.',
    },
  },
});

/** `eq`, `in` and `notIn` of an enum. */
const comparison = <Value extends string>(name: string, type: EnumRef<Types, Value>, what: string) =>
  builder.inputType(name, {
    description: `Compares ${what}.`,
    fields: (t) => ({ eq: t.field({ type }), in: t.field({ type: [type] }), notIn: t.field({ type: [type] }) }),
  });
const nullableComparison = <Value extends string>(name: string, type: EnumRef<Types, Value>, what: string) =>
  builder.inputType(name, {
    description: `Compares ${what}, which may be absent: then it matches \`notIn\`.`,
    fields: (t) => ({
      eq: t.field({ type }),
      in: t.field({ type: [type] }),
      notIn: t.field({ type: [type] }),
      isNull: t.boolean({ description: 'True: only those without one; false: only those with one.' }),
    }),
  });

const TaskKindFilter = builder.inputType('TaskKindFilter', {
  description: 'Compares where a task came from.',
  fields: (t) => ({
    eq: t.field({ type: TaskKind }),
    in: t.field({ type: [TaskKind] }),
    notIn: t.field({ type: [TaskKind] }),
    any: t.boolean({ description: 'Every kind. Only `true` is allowed.' }),
  }),
});
const TaskTypeFilter = comparison('TaskTypeFilter', TaskType, 'what work it is');
const TaskStatusFilter = comparison('TaskStatusFilter', TaskStatus, 'a status');
const TaskPriorityFilter = comparison('TaskPriorityFilter', TaskPriority, 'a priority');
const TaskCategoryFilter = nullableComparison('TaskCategoryFilter', TaskCategory, 'a category');
const RecordTypeFilter = nullableComparison('RecordTypeFilter', RecordType, 'a kind of record');

export const AssigneeFilter = builder.inputType('AssigneeFilter', {
  description: 'Compares the assignee. Tasks of nobody match `notIn` and `isMe: false`.',
  fields: (t) => ({
    eq: t.id({ description: 'A User’s id.' }),
    in: t.idList(),
    notIn: t.idList(),
    isMe: t.boolean({ description: 'True: assigned to the viewer; false: to anyone else or to nobody.' }),
    isNull: t.boolean({ description: 'True: assigned to nobody; false: to anyone.' }),
  }),
});

const TaskDateFilter = builder.inputType('TaskDateFilter', {
  description:
    'Compares the date as the order does, in the list’s zone. A bound that is a day stands for that whole day: `lte: "2026-01-12"` includes all of it, `gt` begins with the 13th. A bound that is an instant is compared with instants as it is, and a day counts as its midnight and comes before an instant at that moment. Undated tasks are in no range.',
  fields: (t) => ({
    eq: t.field({ type: 'TaskDate', description: 'A day: that day and every instant of it. An instant: just this.' }),
    lt: t.field({ type: 'TaskDate', description: 'Before; of a day, before it begins.' }),
    lte: t.field({ type: 'TaskDate', description: 'Before, or then; of a day, up to its end.' }),
    gt: t.field({ type: 'TaskDate', description: 'After; of a day, after its end.' }),
    gte: t.field({ type: 'TaskDate', description: 'After, or then; of a day, from its beginning.' }),
    isNull: t.boolean({ description: 'True: undated ones only; false: dated ones only.' }),
  }),
});

/** Which tasks; the same wherever tasks are listed, counted or followed. */
export const TaskFilter = builder.inputRef<Filter>('TaskFilter');
TaskFilter.implement({
  description:
    'Which tasks. All that is given must hold; an absent or null condition does not filter; `in: []` and `or: []` match nothing, `notIn: []` and `and: []` everything; `not` and `notIn` are complements: what has no value matches them. An id of something else, or of nothing, matches nothing. At most 8 levels deep, with 100 conditions in all, 1,000 entries in a list and 500 characters in `search` and `contains`.',
  fields: (t) => ({
    and: t.field({ type: [TaskFilter], description: 'Each of them must hold.' }),
    or: t.field({ type: [TaskFilter], description: 'At least one of them must hold.' }),
    not: t.field({ type: TaskFilter, description: 'This must not hold.' }),
    id: t.field({ type: IdFilter }),
    _type: t.field({
      type: TaskKindFilter,
      description: 'When no `_type` stands anywhere in the filter, lists hold LEAD tasks only.',
    }),
    type: t.field({ type: TaskTypeFilter, description: 'What work it is.' }),
    category: t.field({ type: TaskCategoryFilter }),
    audience: t.field({ type: TaskAudience, description: 'Follows from the category; without one it is neither.' }),
    status: t.field({ type: TaskStatusFilter }),
    priority: t.field({ type: TaskPriorityFilter }),
    isComplete: t.boolean({ description: 'Whether its status is COMPLETED.' }),
    isOpen: t.boolean({ description: 'Neither completed nor cancelled; false: one of the two.' }),
    isBlocked: t.boolean({ description: 'Whether another task that is open and not deleted blocks it.' }),
    date: t.field({ type: TaskDateFilter, description: 'A range, in the viewer’s time zone.' }),
    due: t.field({ type: DueBucket, description: 'When it is due, on the viewer’s calendar.' }),
    createdAt: t.field({ type: DateTimeFilter }),
    updatedAt: t.field({ type: DateTimeFilter }),
    completedAt: t.field({ type: DateTimeFilter, description: 'What is not completed is in no range.' }),
    assignee: t.field({ type: AssigneeFilter }),
    membershipId: t.field({ type: IdFilter, description: 'The assignee’s membership.' }),
    creatorId: t.field({ type: IdFilter, description: 'Ids of Users.' }),
    leadId: t.field({ type: NullableIdFilter, description: 'Of the lead that it is linked to or derives.' }),
    accountId: t.field({
      type: NullableIdFilter,
      description: 'Of the account that it is linked to or that derives from its record.',
    }),
    contactId: t.field({ type: NullableIdFilter, description: 'Of the contact that it is linked to.' }),
    opportunityId: t.field({ type: NullableIdFilter, description: 'Of the opportunity that it is linked to.' }),
    activityId: t.field({ type: NullableIdFilter, description: 'Of the activity that it came out of.' }),
    linkedRecordType: t.field({
      type: RecordTypeFilter,
      description: 'The kind of the record that it is linked to directly.',
    }),
    pipelineId: t.field({ type: NullableIdFilter }),
    stageId: t.field({ type: NullableIdFilter }),
    automationId: t.field({
      type: NullableIdFilter,
      description: 'Of the rule that made it. There are no rules yet: an id matches nothing.',
    }),
    tag: t.field({ type: StringFilter, description: 'One of its tags compares so.' }),
    search: t.string({
      description:
        'Words in the title or description, all of them, in whatever case, with accents or without (`jose` finds José); `"a phrase"`, `or` and `-without` as in a search engine. Signs part words: `email` finds `call/email`, and of what is asked for as one, such as `INV-123`, the parts must follow each other. Whole words, but in Chinese, Japanese and Korean also parts of what is written without spaces. A blank one does not filter.',
    }),
    deleted: t.field({
      type: DeletedFilter,
      description:
        'What to do with tasks in the bin. When no `deleted` stands anywhere in the filter they are left out; where it stands it is a condition like the others.',
    }),
  }),
});
