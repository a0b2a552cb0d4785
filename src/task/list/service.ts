import { seenActivities } from '../../activity/service.ts';
import { sightOf } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Reader } from '../../db/database.ts';
import type { Maybe } from '../../db/filter.ts';
import { KnownIds } from '../../db/known-ids.ts';
import { idsNamed, type TaskFilter, type TaskView } from '../filter/filter.ts';
import { reachOf, type Scope } from '../filter/reach.ts';
import { simplified } from '../filter/simplify.ts';
import type { Asked, Parent } from './matching.ts';

/** Which tasks somebody asks for, where and when. */
export interface Asking {
  readonly filter: TaskFilter;
  readonly view: Maybe<TaskView>;
  readonly zone: string;
  /** When it is judged, in milliseconds: what is overdue, and which day is today. */
  readonly now: number;
}

const SCOPES: Partial<Record<Parent, Scope>> = { account_id: 'account', stage_id: 'stage' };

/** What a filter names; a private activity of others' names nothing, as what does not exist. */
async function knownTo(db: Reader, viewer: Viewer, filter: TaskFilter): Promise<KnownIds> {
  const known = await KnownIds.of(db, viewer.organizationId, idsNamed(filter));
  const activities = known.all('Activity');
  if (activities.length > 0) known.keep('Activity', await seenActivities(db, viewer, activities));
  return known;
}

/** How tasks are asked for; what the filter names is looked up first, in one statement. */
export async function askedOf(
  db: Reader,
  viewer: Viewer,
  { filter: given, view, zone, now }: Asking,
  parent: Parent | null = null,
): Promise<Asked> {
  const filter = simplified(given);
  return {
    sight: sightOf(viewer),
    viewerId: viewer.userId,
    weekStartsOn: viewer.weekStartsOn,
    zone,
    now,
    filter,
    view,
    parent,
    reach: reachOf(filter, view, parent ? SCOPES[parent] : undefined),
    known: await knownTo(db, viewer, filter),
  };
}
