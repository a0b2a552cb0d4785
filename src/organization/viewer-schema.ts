import type { Viewer as ViewerFacts } from '../auth/viewer.ts';
import { readLogCursor } from '../event/service.ts';
import { builder } from '../graphql/builder.ts';
import { nowOf } from '../graphql/now.ts';
import { present } from '../graphql/present.ts';
import { Membership, Organization, User } from './schema.ts';
import { membershipsOfUser } from './store.ts';

export const Viewer = builder.objectRef<ViewerFacts>('Viewer').implement({
  description: 'Who is calling, and in which organization.',
  fields: (t) => ({
    user: t.field({
      type: User,
      resolve: async ({ userId }, _args, { loaders }) => present(await loaders.user.load(userId)),
    }),
    membership: t.field({
      type: Membership,
      description: 'In the organization of this request.',
      resolve: async ({ userId }, _args, { loaders }) => present(await loaders.membership.load(userId)),
    }),
    memberships: t.field({
      type: [Membership],
      description: 'In all organizations; choose one with the header `X-Organization-ID`.',
      resolve: ({ userId }, _args, { runtime }) => membershipsOfUser(runtime.db, userId),
    }),
    organization: t.field({
      type: Organization,
      resolve: async ({ organizationId }, _args, { loaders }) =>
        present(await loaders.organization.load(organizationId)),
    }),
    timeZone: t.expose('timeZone', {
      type: 'TimeZone',
      description:
        'The zone that days are judged in for this request: the header `X-Time-Zone`, else `X-TZ-Offset`, else the user’s, else the organization’s.',
    }),
    logCursor: t.string({
      description: 'Where the organization’s log stands now: the `after` for a subscription.',
      resolve: (viewer, _args, context) => readLogCursor(context.runtime, viewer, nowOf(context)),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({ type: Viewer, description: 'Who is calling.', resolve: (_root, _args, { viewer }) => viewer }),
);
