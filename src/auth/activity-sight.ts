/** Where a statement has what decides about activities. */
interface Placeholders {
  /** Sees all of the organization. */
  readonly all: string;
  /** Else whose tasks open them. */
  readonly user: string;
  /** Who looks. */
  readonly viewer: string;
}

const isOpenTo = (viewer: string) => `(a.visibility = 'ORGANIZATION' OR a.creator_id = ${viewer}
    OR a.participants @> jsonb_build_array(jsonb_build_object('userId', ${viewer}::bigint)))`;

/**
 * The one condition on `activity a` that decides what a viewer sees. A private one is its creator's and its participants',
 * and nobody else's, whatever their role; without CRM access one sees those that a task names which is assigned to or was
 * created by oneself, as what it came out of or among the e-mails that it gathered.
 */
export const activityVisibleTo = ({ all, user, viewer }: Placeholders): string =>
  `${isOpenTo(viewer)}
  AND (${all}::boolean OR EXISTS (SELECT 1 FROM task vt WHERE vt.organization_id = $1 AND vt.activity_id = a.id
    AND (vt.assignee_id = ${user} OR vt.creator_id = ${user}))
  OR EXISTS (SELECT 1 FROM task_email ve JOIN task vt ON vt.organization_id = ve.organization_id AND vt.id = ve.task_id
    WHERE ve.organization_id = $1 AND ve.activity_id = a.id AND (vt.assignee_id = ${user} OR vt.creator_id = ${user})))`;

/** The same for lists, which are read only by those who see all of the organization. */
export const listedActivityVisibleTo = isOpenTo;
