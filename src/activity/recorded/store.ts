import type { Tx } from '../../db/database.ts';
import type { Direction, Recording, RecordType } from '../../db/generated/prisma/enums.ts';
import { fixed } from '../../db/statement.ts';
import { byRecordType } from '../../record/names.ts';
import type { ActivityState, Named } from '../rules.ts';
import { columnsOfState } from '../state.ts';
import type { Voicemail } from './rules.ts';

/** What only recorded activities have. */
export interface RecordedColumns {
  readonly recording: Recording;
  readonly externalId: string;
  readonly direction: Direction;
  readonly threadId: string | null;
  readonly remotePhone: string | null;
  readonly localPhone: string | null;
  readonly voicemail: Voicemail | null;
}

/** An activity that was recorded, and the task that it made or joined. */
export interface Recorded {
  readonly activityUid: string;
  readonly taskUid: string | null;
}

const once = fixed(
  'activity.recorded',
  `SELECT a.uid AS "activityUid", COALESCE(
     (SELECT t.uid FROM task_email e JOIN task t ON t.organization_id = e.organization_id AND t.id = e.task_id
      WHERE e.organization_id = $1 AND e.activity_id = a.id),
     (SELECT t.uid FROM task t WHERE t.organization_id = $1 AND t.activity_id = a.id AND t.kind <> 'LEAD'
      ORDER BY t.id LIMIT 1)) AS "taskUid"
   FROM activity a WHERE a.organization_id = $1 AND a.recording = $2::recording AND a.external_id = $3`,
);

/** What has been recorded under an id already. */
export const findRecorded = async (tx: Tx, recording: Recording, externalId: string): Promise<Recorded | null> =>
  (await tx.rows<Recorded>(once, [recording, externalId]))[0] ?? null;

/** Null when somebody records the same at once, and was faster. */
export async function insertRecorded(
  { organizationId, prisma }: Tx,
  state: ActivityState,
  { voicemail, ...recorded }: RecordedColumns,
  row: { readonly uid: string; readonly creatorId: bigint },
  at: Date,
): Promise<bigint | null> {
  const left = { voicemailDuration: voicemail?.duration ?? null, voicemailUrl: voicemail?.url ?? null };
  const own = { ...recorded, ...left, ...row, organizationId, createdAt: at, updatedAt: at };
  const data = [{ ...columnsOfState(state), ...own }];
  // A conflict that throws would leave a transaction that is good for nothing.
  const made = await prisma.activity.createManyAndReturn({ data, skipDuplicates: true, select: { id: true } });
  return made[0]?.id ?? null;
}

/** Of one kind, whoever was most recently updated of those who have a number or an address. */
const latest = (table: 'contact' | 'lead', key: 'email_key' | 'phone_key') =>
  `SELECT k.key, '${table.toUpperCase()}' AS type, r.id, r.uid FROM unnest($2::text[]) AS k(key) CROSS JOIN LATERAL (
     SELECT x.id, x.uid FROM ${table} x WHERE x.organization_id = $1 AND x.${key} = k.key AND x.deleted_at IS NULL
     ORDER BY x.updated_at DESC, x.id DESC LIMIT 1) r`;

const byPhone = fixed('record.byPhone', `${latest('contact', 'phone_key')} UNION ALL ${latest('lead', 'phone_key')}`);

// People whether they are still active or not, as with all who take part.
const byEmails = fixed(
  'record.byEmails',
  `${latest('contact', 'email_key')} UNION ALL ${latest('lead', 'email_key')}
   UNION ALL SELECT u.email AS key, 'USER' AS type, u.id, u.uid FROM "user" u JOIN membership m ON m.user_id = u.id
     WHERE m.organization_id = $1 AND m.kind = 'PERSON' AND u.email = ANY ($2::text[])`,
);

/** Who is known by a number or an address: at most one contact, one lead and one person each. */
export interface KnownBy extends Named {
  readonly key: string;
  readonly type: 'CONTACT' | 'LEAD' | 'USER';
}

export const knownByPhone = (tx: Tx, key: string) => tx.rows<KnownBy>(byPhone, [[key]]);
export const knownByEmails = (tx: Tx, keys: readonly string[]) => tx.rows<KnownBy>(byEmails, [keys]);

const ACCOUNT_OF = {
  ACCOUNT: 'r.id',
  CONTACT: 'r.account_id',
  LEAD: 'r.converted_account_id',
  OPPORTUNITY: 'r.account_id',
};

const owners = byRecordType((type) =>
  fixed(
    `${type.toLowerCase()}.owner`,
    `SELECT r.name, r.owner_id AS "ownerId", a.owner_id AS "accountOwnerId" FROM ${type.toLowerCase()} r
     LEFT JOIN account a ON a.organization_id = r.organization_id AND a.id = ${ACCOUNT_OF[type]}
     WHERE r.organization_id = $1 AND r.id = $2`,
  ),
);

export interface Owned {
  readonly name: string;
  readonly ownerId: bigint | null;
  readonly accountOwnerId: bigint | null;
}

/** How a record is called, and whose it and its account are; whoever calls holds the record. */
export async function ownedBy(tx: Tx, type: RecordType, id: bigint): Promise<Owned> {
  const [owned] = await tx.rows<Owned>(owners[type], [id]);
  if (!owned) throw new Error('The record that is held is not there.');
  return owned;
}

const reply = fixed(
  'activity.reply',
  `SELECT a.id FROM activity a
   WHERE a.organization_id = $1 AND a.thread_id = $2 AND a.recording = 'EMAIL' AND a.direction = 'INBOUND'
     AND a.activity_timestamp >= $3::timestamptz AND a.deleted_at IS NULL LIMIT 1`,
);

/** Whether an e-mail of the thread has come in since then. */
export const hasReply = async (tx: Tx, threadId: string, since: Date): Promise<boolean> =>
  (await tx.rows(reply, [threadId, since])).length > 0;
