import { generateNKeysBetween } from 'fractional-indexing';
import { uidOf } from '../../../src/ids.ts';
import type { BulkUpdateTasksInput } from '../../generated/graphql.ts';
import { graphql } from '../../generated/index.ts';
import type { Caller } from '../../support/gateway.ts';
import type { World } from '../world.ts';
import { ERRORS } from '../writes.ts';

const BULK = graphql(`
  mutation TaskRoomBulk($input: BulkUpdateTasksInput!, $first: Int! = 1000) {
    bulkUpdateTasks(input: $input) {
      matchedCount updatedCount batchId
      tasks(first: $first) { id date isComplete assignee { id } version }
      errors { ...TaskRoomErrors }
    }
  }
`);
void ERRORS;

/** Someone's bulk updates, as a client sends them. */
export const bulkOf = ({ gateway }: World, caller: Caller) => ({
  update: async (input: BulkUpdateTasksInput, first?: number) =>
    (await gateway.ask(caller, BULK, { input, ...(first !== undefined && { first }) })).bulkUpdateTasks,
  send: (input: BulkUpdateTasksInput, first?: number) =>
    gateway.send(caller, BULK, { input, ...(first !== undefined && { first }) }),
});

export type Bulk = Awaited<ReturnType<ReturnType<typeof bulkOf>['update']>>;

/** What a bulk update did: how many matched and changed, and which, in order; it must not have been refused. */
export function changed({ matchedCount, updatedCount, tasks, errors }: Bulk) {
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return { matched: matchedCount, updated: updatedCount, ids: tasks.map(({ id }) => id) };
}

/** Where it was refused and why; nothing was counted, tied together or shown then. */
export function refusals({ matchedCount, updatedCount, batchId, tasks, errors }: Bulk): string[] {
  if (matchedCount + updatedCount + tasks.length > 0 || batchId !== null) throw new Error('refused, and yet done');
  if (errors.length === 0) throw new Error('not refused');
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
}

/** Puts tasks into a stage as they are, in this order; what a pipeline asks of their status is the caller's business. */
export async function putInto({ prisma, organization }: World, stage: string, ids: readonly bigint[]): Promise<void> {
  await prisma.$executeRawUnsafe(
    `/* test.putInto */ UPDATE task t SET pipeline_id = s.pipeline_id, stage_id = s.id, position = n.position
     FROM stage s, unnest($3::bigint[], $4::text[]) AS n(id, position)
     WHERE t.organization_id = $1 AND s.organization_id = $1 AND s.uid = $2 AND t.id = n.id`,
    organization.id,
    uidOf('Stage', stage),
    ids,
    generateNKeysBetween(null, null, ids.length),
  );
}
