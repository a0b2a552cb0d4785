import { type Sight, sightParams } from '../../auth/sight.ts';
import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';
import { VISIBLE } from '../visible.ts';
import type { Standing } from './rules.ts';

/** A task as it stood a moment ago, not locked: what it names is locked first. */
export interface Glimpse extends Standing {
  readonly linkedType: RecordType | null;
  /** Of the record that it is linked to directly. */
  readonly linkUid: string | null;
}

const uidIn = (table: string) =>
  `WHEN '${table.toUpperCase()}' THEN (SELECT x.uid FROM ${table} x WHERE x.organization_id = $1 AND x.id = t.${table}_id)`;

const glimpse = fixed(
  'task.glimpse',
  `SELECT t.status, t.status_before AS "statusBefore", t.pipeline_id AS "pipelineId", t.stage_id AS "stageId",
          t.stage_before_id AS "stageBeforeId", t.linked_type AS "linkedType",
          CASE t.linked_type ${['account', 'contact', 'lead', 'opportunity'].map(uidIn).join(' ')} END AS "linkUid"
   FROM task t WHERE t.organization_id = $1 AND ${VISIBLE} AND t.uid = $4 AND NOT t.is_queue_row`,
);

/** A glimpse of a task that the viewer may see, deleted or not. */
export const glimpseTask = async (tx: Tx, sight: Sight, uid: string): Promise<Glimpse | null> =>
  (await tx.rows<Glimpse>(glimpse, [...sightParams(sight), uid]))[0] ?? null;
