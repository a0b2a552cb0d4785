import { tidySearch } from '../db/filter-limits.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { type Connection, connect } from '../graphql/paging.ts';
import { present } from '../graphql/present.ts';
import { encodeId } from '../ids.ts';
import { peopleList } from './lists.ts';
import type { MembershipRow } from './store.ts';

export const Role = builder.enumType('Role', {
  description: 'What a member may do.',
  values: {
    ADMIN: { description: 'Everything.' },
    MEMBER: { description: 'All daily work; not the organization, its members, keys and rules.' },
    VIEWER: { description: 'Reads, and changes only what is their own: profile, notifications, watching.' },
  },
});

export const Weekday = builder.enumType('Weekday', {
  description: 'A day of the week.',
  values: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const,
});

export const EmailOutcomePolicy = builder.enumType('EmailOutcomePolicy', {
  description: 'What to do when a crash leaves open whether an e-mail was sent.',
  values: {
    RETRY: { description: 'Send it again: it may arrive twice, with the same Message-ID.' },
    HOLD: { description: 'Hold it: it may not arrive, and someone decides.' },
  },
});

export const User = builder.prismaObject('User', {
  description: 'A person, or one of the users that the system acts as.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('User', uid) }),
    name: t.exposeString('name'),
    email: t.exposeString('email', { nullable: true, description: 'Null for system users.' }),
    timeZone: t.expose('timeZone', {
      type: 'TimeZone',
      nullable: true,
      description: 'The zone they chose. Null when they follow the organization’s.',
    }),
    isSystem: t.exposeBoolean('isSystem', {
      description: 'True for the organization’s assistant and for API keys, to whom all they do is attributed.',
    }),
  }),
});

export const Organization = builder.prismaObject('Organization', {
  description: 'Whom everything belongs to. Nothing of one organization is ever seen by another.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Organization', uid) }),
    name: t.exposeString('name'),
    timeZone: t.expose('timeZone', { type: 'TimeZone', description: 'The zone of members who chose none.' }),
    weekStartsOn: t.expose('weekStartsOn', { type: Weekday, description: 'The first day of “this week”.' }),
    requireAssignee: t.exposeBoolean('requireAssignee', {
      description: 'Whether people must name an assignee for every task (Thena’s rule).',
    }),
    taskRetentionDays: t.exposeInt('taskRetentionDays', {
      nullable: true,
      description:
        'Days after completion at which complete tasks of every kind but LEAD are deleted. Null keeps them forever.',
    }),
    emailOnUnknownOutcome: t.expose('emailOnUnknownOutcome', {
      type: EmailOutcomePolicy,
      description: 'When a crash leaves open whether an e-mail was sent: send it again, or hold it.',
    }),
  }),
});

export const Membership = builder.objectRef<MembershipRow>('Membership').implement({
  description: 'A person, or an API key, in an organization.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Membership', uid) }),
    organization: t.field({
      type: Organization,
      resolve: async ({ organizationId }, _args, { loaders }) =>
        present(await loaders.organization.load(organizationId)),
    }),
    user: t.field({
      type: User,
      resolve: async ({ userId }, _args, { loaders }) => present(await loaders.user.load(userId)),
    }),
    role: t.field({ type: Role, resolve: ({ role }) => role }),
    crmAccess: t.exposeBoolean('crmAccess', {
      description:
        'Sees all of the organization’s records and tasks; without it, only tasks assigned to or created by oneself, and of the records that these name.',
    }),
    isActive: t.exposeBoolean('isActive', {
      description: 'False once they have left; what they did still names them.',
    }),
  }),
});
registerNode('Membership', async ({ uid }, { loaders }) => loaders.membershipByUid.load(uid));
registerNode('Organization', async ({ uid }, { loaders, viewer }) =>
  uid === viewer.organizationUid ? loaders.organization.load(viewer.organizationId) : null,
);
registerNode('User', async ({ uid }, { loaders }) => loaders.userByUid.load(uid));

const MembershipConnection = connectionType<MembershipRow>('Membership', Membership, { of: 'members' });

builder.queryField('memberships', (t) =>
  t.field({
    type: MembershipConnection,
    description:
      'The people of the organization by name, those who left included; API keys and the assistant are not among them.',
    args: {
      search: t.arg.string({ description: 'A part of the name or e-mail address, regardless of case and of accents.' }),
      ...pageArgs(t.arg),
    },
    resolve: (_root, { search, ...page }, { runtime, viewer }): Connection<MembershipRow> =>
      connect(page, peopleList(runtime.db, viewer.organizationId, tidySearch(search))),
  }),
);
