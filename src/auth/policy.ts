import type { Role } from '../db/generated/prisma/enums.ts';
import type { Viewer } from './viewer.ts';

/** Who may use a root field at all. What they may do to which object is the rooms' business. */
export interface Rule {
  readonly roles: readonly Role[];
  /** Only with sight of all of the organization's records. */
  readonly crmAccess?: true;
}

const ANYONE: Rule = { roles: ['ADMIN', 'MEMBER', 'VIEWER'] };
const WRITERS: Rule = { roles: ['ADMIN', 'MEMBER'] };
const CRM_WRITERS: Rule = { ...WRITERS, crmAccess: true };
const ADMINS: Rule = { roles: ['ADMIN'] };

export type Policy = Readonly<Record<string, Rule>>;

/** Every root field stands here: the schema is not built with one that does not, nor with a rule for none. */
export const POLICY: Policy = {
  'Query.node': ANYONE,
  'Query.nodes': ANYONE,
  'Query.viewer': ANYONE,
  'Query.memberships': ANYONE,
  'Query.account': ANYONE,
  'Query.accounts': ANYONE,
  'Query.contact': ANYONE,
  'Query.contacts': ANYONE,
  'Query.lead': ANYONE,
  'Query.leads': ANYONE,
  'Query.opportunity': ANYONE,
  'Query.opportunities': ANYONE,
  'Query.searchRecords': ANYONE,
  'Query.task': ANYONE,
  'Query.tasks': ANYONE,
  'Query.upcomingTasks': ANYONE,
  'Query.taskCounts': ANYONE,
  // Without CRM access too: one's own tasks stand in them.
  'Query.pipeline': ANYONE,
  'Query.pipelines': ANYONE,
  'Query.activity': ANYONE,
  'Query.activities': ANYONE,
  'Query.notifications': ANYONE,
  // What of it one sees is decided event by event.
  'Query.events': ANYONE,
  'Query.retentionPreview': ADMINS,
  'Mutation.createAccount': CRM_WRITERS,
  'Mutation.updateAccount': CRM_WRITERS,
  'Mutation.deleteAccount': CRM_WRITERS,
  'Mutation.restoreAccount': CRM_WRITERS,
  'Mutation.createContact': CRM_WRITERS,
  'Mutation.updateContact': CRM_WRITERS,
  'Mutation.deleteContact': CRM_WRITERS,
  'Mutation.restoreContact': CRM_WRITERS,
  'Mutation.createLead': CRM_WRITERS,
  'Mutation.updateLead': CRM_WRITERS,
  'Mutation.deleteLead': CRM_WRITERS,
  'Mutation.restoreLead': CRM_WRITERS,
  'Mutation.convertLead': CRM_WRITERS,
  'Mutation.createOpportunity': CRM_WRITERS,
  'Mutation.updateOpportunity': CRM_WRITERS,
  'Mutation.deleteOpportunity': CRM_WRITERS,
  'Mutation.restoreOpportunity': CRM_WRITERS,
  'Mutation.createTask': WRITERS,
  'Mutation.updateTask': WRITERS,
  'Mutation.completeTask': WRITERS,
  'Mutation.deleteTask': WRITERS,
  'Mutation.reopenTask': WRITERS,
  'Mutation.moveTask': WRITERS,
  'Mutation.restoreTask': WRITERS,
  'Mutation.bulkUpdateTasks': WRITERS,
  'Mutation.escalateTask': WRITERS,
  // Of one's own watching only, as of one's notifications.
  'Mutation.watchTask': ANYONE,
  'Mutation.unwatchTask': ANYONE,
  'Mutation.addComment': WRITERS,
  'Mutation.removeAttachment': WRITERS,
  'Mutation.setReminders': WRITERS,
  'Mutation.addBlocker': WRITERS,
  'Mutation.removeBlocker': WRITERS,
  'Mutation.createPipeline': CRM_WRITERS,
  'Mutation.updatePipeline': CRM_WRITERS,
  'Mutation.deletePipeline': CRM_WRITERS,
  'Mutation.addStage': CRM_WRITERS,
  'Mutation.updateStage': CRM_WRITERS,
  'Mutation.reorderStages': CRM_WRITERS,
  'Mutation.deleteStage': CRM_WRITERS,
  'Mutation.createActivity': CRM_WRITERS,
  'Mutation.updateActivity': CRM_WRITERS,
  'Mutation.completeActivity': CRM_WRITERS,
  'Mutation.deleteActivity': CRM_WRITERS,
  'Mutation.restoreActivity': CRM_WRITERS,
  'Mutation.recordCall': CRM_WRITERS,
  'Mutation.recordEmail': CRM_WRITERS,
  'Mutation.recordSms': CRM_WRITERS,
  // Of what is one's own: what was read, and one's profile.
  'Mutation.markNotificationsRead': ANYONE,
  'Mutation.updateViewer': ANYONE,
  'Mutation.updateOrganization': ADMINS,
  'Mutation.createApiKey': ADMINS,
  'Mutation.revokeApiKey': ADMINS,
  'Subscription.taskAssigned': ANYONE,
  'Subscription.notificationReceived': ANYONE,
  'Subscription.taskChanged': ANYONE,
};

export const permits = ({ roles, crmAccess }: Rule, viewer: Pick<Viewer, 'role' | 'crmAccess'>): boolean =>
  roles.includes(viewer.role) && (crmAccess === undefined || viewer.crmAccess);
