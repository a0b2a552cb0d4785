import { activityVisibleTo } from '../auth/activity-sight.ts';
import { sightOf, sightParams } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import { columnsOf } from '../db/columns.ts';
import type { Reader, Tx } from '../db/database.ts';
import type { Comment } from '../db/generated/prisma/client.ts';
import { Params } from '../db/params.ts';
import { fixed, shaped } from '../db/statement.ts';
import type { Mentionable } from './rules.ts';

export type { Comment };

const COLUMNS = columnsOf('Comment', 'c');

/** What can be commented, by the column that names it. */
export type SubjectType = 'TASK' | 'ACTIVITY';
const COLUMN = { TASK: 'task_id', ACTIVITY: 'activity_id' } as const;

export interface NewComment {
  readonly uid: string;
  readonly body: string;
  readonly authorId: bigint;
  readonly mentionIds: readonly bigint[];
}

export async function insertComment(
  { organizationId, prisma }: Tx,
  type: SubjectType,
  subjectId: bigint,
  { mentionIds, ...comment }: NewComment,
  createdAt: Date,
): Promise<void> {
  const subject = type === 'TASK' ? { taskId: subjectId } : { activityId: subjectId };
  const data = { organizationId, ...subject, ...comment, mentionIds: [...mentionIds], createdAt };
  await prisma.comment.create({ data, select: { id: true } });
}

const mentionable = (name: string, table: string, isSeeing: string) =>
  fixed(
    name,
    `SELECT m.user_id AS "userId", u.uid, m.is_active AND m.kind = 'PERSON' AS "isHere", ${isSeeing} AS "isSeeing"
     FROM membership m JOIN "user" u ON u.id = m.user_id ${table}
     WHERE m.organization_id = $1 AND u.uid = ANY ($3::text[])`,
  );

const MENTIONABLE = {
  TASK: mentionable(
    'comment.mentionedOnTask',
    'JOIN task t ON t.organization_id = m.organization_id AND t.id = $2',
    '(m.crm_access OR m.user_id = t.creator_id OR COALESCE(m.user_id = t.assignee_id, false))',
  ),
  ACTIVITY: mentionable(
    'comment.mentionedOnActivity',
    'JOIN activity a ON a.organization_id = m.organization_id AND a.id = $2',
    `(${activityVisibleTo({ all: 'm.crm_access', user: 'm.user_id', viewer: 'm.user_id' })})`,
  ),
} as const;

/** Those of the organization whom ULIDs name, and whether they may see a subject. */
export const findMentionable = (tx: Tx, type: SubjectType, subjectId: bigint, uids: readonly string[]) =>
  tx.rows<Mentionable>(MENTIONABLE[type], [subjectId, uids]);

const byUids = fixed(
  'comment.byUids',
  `SELECT ${COLUMNS} FROM comment c WHERE c.organization_id = $1 AND c.uid = ANY ($5::text[]) AND (
     EXISTS (SELECT 1 FROM task t WHERE t.organization_id = $1 AND t.id = c.task_id
       AND ($2::boolean OR t.assignee_id = $3 OR t.creator_id = $3))
     OR EXISTS (SELECT 1 FROM activity a WHERE a.organization_id = $1 AND a.id = c.activity_id
       AND ${activityVisibleTo({ all: '$2', user: '$3', viewer: '$4' })}))`,
);

/** Comments by ULIDs, as far as the viewer may see what they are about. */
export const commentsByUids = (
  db: Reader,
  organizationId: bigint,
  viewer: Pick<Viewer, 'userId' | 'crmAccess'>,
  uids: readonly string[],
) => db.rows<Comment>(byUids, organizationId, [...sightParams(sightOf(viewer)), viewer.userId, uids]);

export interface CommentPage {
  /** The place of the row to start behind. */
  readonly from: { readonly at: Date; readonly id: bigint } | null;
  /** Newest first, unless read backward. */
  readonly backward: boolean;
  readonly limit: number;
}

/** A comment, and what it is about. */
export type CommentOf = Comment & { readonly of: bigint };

/** A page of each subject's comments, in one statement for all of them; whoever sees a subject sees its comments. */
export function listComments(
  db: Reader,
  organizationId: bigint,
  type: SubjectType,
  subjectIds: readonly bigint[],
  { from, backward, limit }: CommentPage,
) {
  const params = new Params();
  const subjects = params.add([...subjectIds], 'bigint[]');
  const [beyond, direction] = backward ? ['>', 'ASC'] : ['<', 'DESC'];
  const place = from && `(${params.add(from.at, 'timestamptz')}, ${params.add(from.id, 'bigint')})`;
  const bound = place === null ? '' : `AND (c.created_at, c.id) ${beyond} ${place}`;
  const text = `SELECT of.id AS "of", page.* FROM unnest(${subjects}) AS of(id) CROSS JOIN LATERAL (
      SELECT ${COLUMNS} FROM comment c WHERE c.organization_id = $1 AND c.${COLUMN[type]} = of.id ${bound}
      ORDER BY c.created_at ${direction}, c.id ${direction} LIMIT ${params.add(limit, 'int')}
    ) page`;
  return db.rows<CommentOf>(shaped('comment.list', text), organizationId, params.values);
}

const countBy = (type: SubjectType) =>
  fixed(
    `comment.countsOf${type === 'TASK' ? 'Tasks' : 'Activities'}`,
    `SELECT c.${COLUMN[type]} AS "of", count(*)::int AS count FROM comment c
     WHERE c.organization_id = $1 AND c.${COLUMN[type]} = ANY ($2::bigint[]) GROUP BY c.${COLUMN[type]}`,
  );
const COUNTS = { TASK: countBy('TASK'), ACTIVITY: countBy('ACTIVITY') } as const;

/** How many comments each subject has; nothing of one that has none. */
export const countComments = (db: Reader, organizationId: bigint, type: SubjectType, subjectIds: readonly bigint[]) =>
  db.rows<{ readonly of: bigint; readonly count: number }>(COUNTS[type], organizationId, [subjectIds]);
