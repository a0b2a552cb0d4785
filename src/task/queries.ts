import { sightOf } from '../auth/sight.ts';
import { builder } from '../graphql/builder.ts';
import { connect } from '../graphql/paging.ts';
import { uidOf } from '../ids.ts';
import { listArgs, listingOf, TaskConnection } from './listing.ts';
import { taskList } from './lists.ts';
import { Task } from './schema.ts';

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
    args: listArgs(t.arg),
    resolve: async (_root, args, context, info) =>
      connect(args, taskList(context.runtime.db, context.viewer, await listingOf(args, context, info))),
  }),
}));
