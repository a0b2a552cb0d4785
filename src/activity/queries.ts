import { builder } from '../graphql/builder.ts';
import { uidOf } from '../ids.ts';
import { Activity } from './schema.ts';

builder.queryFields((t) => ({
  activity: t.field({
    type: Activity,
    nullable: true,
    description: 'An activity by its id, deleted ones included. Null when there is none that the viewer may see.',
    args: { id: t.arg.id({ required: true, description: 'An activity’s id; any other finds nothing.' }) },
    resolve: (_root, { id }, { loaders, viewer }) => {
      const uid = uidOf('Activity', id);
      return uid === null ? null : loaders.activityByUid(viewer).load(uid);
    },
  }),
}));
