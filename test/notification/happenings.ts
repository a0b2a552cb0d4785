import { sendReminders } from '../../src/task/reminder/kind.ts';
import { Settled } from '../../src/work/outcome.ts';
import type { NotificationKind } from '../generated/graphql.ts';
import type { Gateway } from '../support/gateway.ts';
import type { Office } from './office.ts';

/** What someone is told of: the kind's task or activity, and who did it when that is not Ada. */
export interface Happened {
  readonly taskId?: string | null;
  readonly activityId?: string | null;
  readonly isBySystem?: true;
}

type Answer = { readonly a: { readonly errors: readonly unknown[]; readonly [name: string]: unknown } };

/** Makes everything happen of which Max is told, as Ada would through the API; nothing else of it tells him anything. */
export function happenings(gateway: Gateway, { admin, member, accountId, organization, ...office }: Office) {
  const mutate = async (text: string) => {
    const { a } = await gateway.ask<Answer, object>(admin, `mutation { a: ${text} }`);
    if (a.errors.length > 0) throw new Error(JSON.stringify(a.errors));
    return a;
  };
  let tasks = 0;
  /** A task that is his, of which nobody told him. */
  const task = (more: object = {}) => {
    tasks += 1;
    return office.create({ title: `Task ${tasks}`, assigneeId: member.userId, notify: false, ...more });
  };
  const activity = async () => {
    const of = `accountId: "${accountId}", activityTimestamp: "2026-01-01T00:00:00Z", duration: 5, location: "x"`;
    const { activity: made } = await mutate(
      `createActivity(input: { ${of}, participants: [{ userId: "${member.userId}" }] }) { activity { id } errors { message } }`,
    );
    return (made as { id: string }).id;
  };
  const on = (name: string, id: string, rest = '') =>
    mutate(`${name}(input: { id: "${id}" ${rest} }) { errors { message } }`);
  const comment = (id: string, rest = '') =>
    mutate(`addComment(input: { subjectId: "${id}", body: "x" ${rest} }) { errors { message } }`);

  return {
    async TASK_ASSIGNED() {
      return { taskId: await task({ notify: true }) };
    },
    async TASK_REMINDER() {
      const taskId = await task();
      await on('setReminders', taskId, ', reminders: [{ at: "2020-01-01T00:00:00Z" }]');
      await sendReminders.run(gateway.app.runtime, {
        ...{ organizationId: organization.id, key: '', payload: {}, attempt: 1, signal: AbortSignal.timeout(10_000) },
        done: async () => new Settled(null),
        again: async () => new Settled(null),
      });
      return { taskId, isBySystem: true };
    },
    async TASK_COMPLETED() {
      const taskId = await task();
      await on('completeTask', taskId);
      return { taskId };
    },
    async TASK_COMMENTED() {
      const taskId = await task();
      await comment(taskId);
      return { taskId };
    },
    async TASK_UNBLOCKED() {
      const [taskId, blockerId] = [await task(), await task({ assigneeId: null })];
      await on('addBlocker', taskId, `, blockerId: "${blockerId}"`);
      await on('completeTask', blockerId);
      return { taskId };
    },
    async TASK_ESCALATED() {
      // The account is Max's.
      const taskId = await task({ assigneeId: null });
      await on('escalateTask', taskId, ', reason: "x"');
      return { taskId };
    },
    async ACTIVITY_COMPLETED() {
      const activityId = await activity();
      await on('completeActivity', activityId);
      return { activityId };
    },
    async ACTIVITY_COMMENTED() {
      const activityId = await activity();
      await comment(activityId);
      return { activityId };
    },
    async MENTIONED() {
      const taskId = await task();
      await comment(taskId, `, mentionIds: ["${member.userId}"]`);
      return { taskId };
    },
  } satisfies Record<NotificationKind, () => Promise<Happened>>;
}
