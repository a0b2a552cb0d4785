import { sightOf } from '../../auth/sight.ts';
import { encodeCursor } from '../../event/cursor.ts';
import { Event } from '../../event/schema.ts';
import { builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { renew } from '../../graphql/renew.ts';
import { encodeId } from '../../ids.ts';
import { checkTaskFilter } from '../filter/filter.ts';
import { whichArgs } from '../listing.ts';
import { Task } from '../schema.ts';
import type { Delivered } from './feed.ts';
import { followTasks, seesTold } from './service.ts';

const ChangeKind = builder.enumType('ChangeKind', {
  description: 'What became of a task in a list.',
  values: {
    ENTERED: {
      description: 'It is in the list now and was not: it was created, changed, came into sight, or its time has come.',
    },
    UPDATED: { description: 'It was in the list and is still; something happened to it.' },
    LEFT: {
      description:
        'It is not in the list any more: it was changed, deleted, is no longer visible, or its time is over.',
    },
  },
});

const TaskChange = builder.objectRef<Delivered>('TaskChange').implement({
  description:
    'One change of a list, one for each task and transaction. A list to which they are applied in order is the list as it would be read; since they are delivered at least once, what one tells may be there already, and what has LEFT may be gone, or never have been there.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Give the last one that you handled as `after` when you connect again.',
      resolve: ({ place }, _args, { viewer }) => encodeCursor({ organizationUid: viewer.organizationUid, ...place }),
    }),
    change: t.expose('change', { type: ChangeKind }),
    taskId: t.id({
      description: 'Stays when the task is gone.',
      resolve: ({ taskUid }) => encodeId('Task', taskUid),
    }),
    task: t.field({
      type: Task,
      nullable: true,
      description:
        'As it is when the change is read for delivery, which may be later than the change. Null when it no longer exists or the viewer may no longer see it.',
      resolve: ({ taskId }, _args, { loaders, viewer }) => loaders.task(sightOf(viewer)).load(taskId),
    }),
    event: t.field({
      type: Event,
      nullable: true,
      description:
        'The last of the events by which the transaction changed the task. Null when only time passed, as at midnight, and when the event itself took the task out of the viewer’s sight.',
      resolve: ({ told }, _args, { viewer }) => (told && seesTold(viewer, told) ? told : null),
    }),
  }),
});

/** Whose tasks were asked for already. */
const asked = new WeakSet<object>();

/** Makes the context that of this change; the tasks of one page are read together, though they are delivered one by one. */
function begin(context: Context, { page, taskIds, standing }: Delivered): void {
  renew(context, page, standing);
  if (asked.has(taskIds)) return;
  asked.add(taskIds);
  void context.loaders.task(sightOf(context.viewer)).loadMany(taskIds);
}

builder.subscriptionField('taskChanged', (t) =>
  t.field({
    type: TaskChange,
    description:
      'What changes in the list of `tasks` with the same arguments, so that a client patches its list without reading it again: what was missed since `after`, then live. Delivered at least once, in order, without a gap; within milliseconds as a rule, within 5 seconds if a ring between processes is lost. What enters or leaves because time passes, such as at midnight in the list’s zone, is told at that moment. What the filter names, the zone and the organization’s first weekday are those of when the subscription began. RESYNC_REQUIRED before any change when `after` is older than what is kept or not of this log, and at any time when a subscriber lags so far that what they have not had is no longer kept, the viewer comes to see more or less of the organization, or time has moved more than 50,000 tasks: then read the list again, and go on from its `logCursor`. TIMEOUT, at any time, when the list cannot be judged in time: go on from the last cursor, or with a narrower filter. LIMIT_EXCEEDED beyond 200 lists that one member follows at once (`extensions.limit`), counted by each process.',
    args: {
      ...whichArgs(t.arg, 'the filter and the view'),
      after: t.arg.string({
        description:
          'The cursor of the last change, or the list’s `logCursor`; exclusive. Absent: only what changes from now on. Over server-sent events a `Last-Event-ID` header takes its place.',
      }),
    },
    subscribe: (_root, { filter, view, timeZone, after }, { runtime, viewer }) => {
      checkTaskFilter(filter ?? {});
      const which = { filter: filter ?? {}, view, zone: timeZone ?? viewer.timeZone };
      return followTasks(runtime, viewer, which, after ?? null);
    },
    resolve: (delivered: Delivered, _args, context) => {
      begin(context, delivered);
      return delivered;
    },
  }),
);
