import { type Sight, sightParams } from '../../auth/sight.ts';
import type { Tx } from '../../db/database.ts';
import type { TaskStatus } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';
import { VISIBLE } from '../visible.ts';

/** A task about which something is said or done that leaves its own row as it is. */
export interface HeldTask {
  readonly id: bigint;
  readonly uid: string;
  readonly status: TaskStatus;
  readonly isDeleted: boolean;
  /** The row as the database's own JSON. */
  readonly image: string;
}

const hold = fixed(
  'task.hold',
  `SELECT t.id, t.uid, t.status, t.deleted_at IS NOT NULL AS "isDeleted", to_jsonb(t)::text AS image FROM task t
   WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = $4 AND NOT t.is_queue_row FOR NO KEY UPDATE`,
);

/** A task that the viewer may see, locked until the transaction ends. */
export const lockHeld = async (tx: Tx, sight: Sight, uid: string): Promise<HeldTask | null> =>
  (await tx.rows<HeldTask>(hold, [...sightParams(sight), uid]))[0] ?? null;
