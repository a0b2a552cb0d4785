import { activityVisibleTo } from '../auth/activity-sight.ts';
import { type Sight, sightOf, sightParams } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
import { nextDeletion } from '../db/deletion.ts';
import type { Activity } from '../db/generated/prisma/client.ts';
import { composed, fixed, shaped } from '../db/statement.ts';
import type { ActivityState } from './rules.ts';
import { columnsOfState } from './state.ts';

export type { Activity };

/** An activity as something that others point at. */
export interface ActivityLink {
  readonly id: bigint;
  readonly uid: string;
  readonly isDeleted: boolean;
}

export const ACTIVITY_COLUMNS = columnsOf('Activity', 'a');

/** What a viewer may see of activities, for fixed statements, whose `$2` and `$3` are `sightParams` and whose `$4` is their user. */
export const VISIBLE_ACTIVITY = activityVisibleTo({ all: '$2', user: '$3', viewer: '$4' });

/** Whose sight of activities decides: private ones are each person's own. */
export type Looking = Pick<Viewer, 'userId' | 'crmAccess'>;
const lookingParams = (viewer: Looking) => [...sightParams(sightOf(viewer)), viewer.userId];

const byIds = fixed(
  'activity.byIds',
  `SELECT ${ACTIVITY_COLUMNS} FROM activity a WHERE a.organization_id = $1 AND ${VISIBLE_ACTIVITY} AND a.id = ANY ($5::bigint[])`,
);
const byUids = fixed(
  'activity.byUids',
  `SELECT ${ACTIVITY_COLUMNS} FROM activity a WHERE a.organization_id = $1 AND ${VISIBLE_ACTIVITY} AND a.uid = ANY ($5::text[])`,
);

/** Activities by inner ids, deleted ones included, as far as the viewer may see them. */
export const activitiesByIds = (db: Reader, organizationId: bigint, viewer: Looking, ids: readonly bigint[]) =>
  db.rows<Activity>(byIds, organizationId, [...lookingParams(viewer), ids]);

/** Activities by ULIDs, deleted ones included, as far as the viewer may see them. */
export const activitiesByUids = (db: Reader, organizationId: bigint, viewer: Looking, uids: readonly string[]) =>
  db.rows<Activity>(byUids, organizationId, [...lookingParams(viewer), uids]);

const lock = fixed(
  'activity.lock',
  `SELECT a.id, a.uid, a.deleted_at IS NOT NULL AS "isDeleted" FROM activity a
   WHERE a.organization_id = $1 AND ${VISIBLE_ACTIVITY} AND a.uid = $5 FOR SHARE OF a`,
);

/** An activity that the viewer may see, share-locked: deleting it waits, or has happened and shows. */
export const lockActivity = async (tx: Tx, sight: Sight, userId: bigint, uid: string): Promise<ActivityLink | null> =>
  (await tx.rows<ActivityLink>(lock, [...sightParams(sight), userId, uid]))[0] ?? null;

/** An activity's row with the ULIDs of what it names directly. */
export interface OpenActivity extends Activity {
  readonly accountUid: string | null;
  /** Of the record that it is linked to beside its account. */
  readonly linkId: bigint | null;
  readonly linkUid: string | null;
}

const named = (table: string, alias: string, also = '') =>
  `LEFT JOIN ${table} ${alias} ON ${alias}.organization_id = a.organization_id AND ${alias}.id = a.${table}_id ${also}`;
const linked = (table: string, alias: string) => named(table, alias, `AND a.linked_type = '${table.toUpperCase()}'`);

const OPENED = `SELECT ${ACTIVITY_COLUMNS}, ac.uid AS "accountUid",
          COALESCE(la.id, lc.id, ll.id, lo.id) AS "linkId", COALESCE(la.uid, lc.uid, ll.uid, lo.uid) AS "linkUid"
   FROM activity a ${named('account', 'ac')}
   ${linked('account', 'la')} ${linked('contact', 'lc')} ${linked('lead', 'll')} ${linked('opportunity', 'lo')}
   WHERE a.organization_id = $1 AND ${VISIBLE_ACTIVITY} AND a.uid = $5`;

// Without a join: a row that was waited for is judged again with the joined rows as they were found before the wait, and
// what it names by then would be missing.
const open = fixed(
  'activity.open',
  `SELECT a.id FROM activity a WHERE a.organization_id = $1 AND ${VISIBLE_ACTIVITY} AND a.uid = $5 FOR NO KEY UPDATE`,
);
const look = fixed('activity.look', OPENED);

/** An activity that the viewer may see, locked until the transaction ends. */
export async function openActivity(tx: Tx, viewer: Looking, uid: string): Promise<OpenActivity | null> {
  const locked = await tx.rows(open, [...lookingParams(viewer), uid]);
  return locked.length === 0 ? null : lookAtActivity(tx, viewer, uid);
}

/** The same without a lock: what must be locked before it is found so. */
export const lookAtActivity = async (tx: Tx, viewer: Looking, uid: string) =>
  (await tx.rows<OpenActivity>(look, [...lookingParams(viewer), uid]))[0] ?? null;

export async function insertActivity(
  { organizationId, prisma }: Tx,
  state: ActivityState,
  row: { readonly uid: string; readonly creatorId: bigint },
  at: Date,
): Promise<bigint> {
  const data = { ...columnsOfState(state), ...row, organizationId, createdAt: at, updatedAt: at };
  return (await prisma.activity.create({ data, select: { id: true } })).id;
}

const writeTo = async ({ organizationId, prisma }: Tx, id: bigint, data: object, at: Date) => {
  await prisma.activity.update({
    where: { organizationId_id: { organizationId, id } },
    data: { ...data, updatedAt: at, version: { increment: 1 } },
    select: { id: true },
  });
};

/** Writes a new state; the version grows by one. */
export const updateActivityRow = (tx: Tx, id: bigint, state: ActivityState, at: Date) =>
  writeTo(tx, id, columnsOfState(state), at);

export const deleteActivityRow = async (tx: Tx, id: bigint, at: Date) =>
  writeTo(tx, id, { deletedAt: at, isActive: false, deletionId: await nextDeletion(tx) }, at);

export const restoreActivityRow = (tx: Tx, id: bigint, at: Date) =>
  writeTo(tx, id, { deletedAt: null, isActive: true, deletionId: null }, at);

// People whether they are still active or not: who took part is history.
const participants = fixed(
  'activity.participants',
  `SELECT 'user' AS of, u.id, u.uid FROM membership m JOIN "user" u ON u.id = m.user_id
   WHERE m.organization_id = $1 AND m.kind = 'PERSON' AND (u.uid = ANY ($2::text[]) OR u.id = ANY ($3::bigint[]))
   UNION ALL
   SELECT 'contact' AS of, c.id, c.uid FROM contact c
   WHERE c.organization_id = $1 AND (c.uid = ANY ($4::text[]) OR c.id = ANY ($5::bigint[]))`,
);

export interface ParticipantKeys {
  readonly userUids: readonly string[];
  readonly userIds: readonly bigint[];
  readonly contactUids: readonly string[];
  readonly contactIds: readonly bigint[];
}

/** The people and contacts of some ids, outward and inner ones, in one statement; none when nobody is named. */
export async function findParticipants(tx: Tx, { userUids, userIds, contactUids, contactIds }: ParticipantKeys) {
  const keys = [userUids, userIds, contactUids, contactIds];
  if (keys.every(({ length }) => length === 0)) return [];
  return tx.rows<{ of: 'user' | 'contact'; id: bigint; uid: string }>(participants, keys);
}

export const readActivities = (db: Reader, organizationId: bigint, text: string, params: readonly unknown[]) =>
  db.rows<Activity>(shaped('activity.list', text), organizationId, params);

/** Pages of several accounts' activities, one after the other, each in its list's order. */
export const readNestedActivities = (db: Reader, organizationId: bigint, text: string, params: readonly unknown[]) =>
  db.rows<Activity>(shaped('activity.listOfAccounts', text), organizationId, params);

export async function countActivities(
  db: Reader,
  organizationId: bigint,
  where: string,
  params: readonly unknown[],
): Promise<number> {
  const text = `SELECT count(*)::int AS count FROM activity a WHERE ${where}`;
  const [row] = await db.rows<{ count: number }>(composed('activity.count', text), organizationId, params);
  return row?.count ?? 0;
}

export function countActivitiesOf(db: Reader, organizationId: bigint, where: string, params: readonly unknown[]) {
  const text = `SELECT a.account_id AS "accountId", count(*)::int AS count FROM activity a WHERE ${where} GROUP BY a.account_id`;
  return db.rows<{ accountId: bigint; count: number }>(
    composed('activity.countOfAccounts', text),
    organizationId,
    params,
  );
}
