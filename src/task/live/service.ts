import { sightOf } from '../../auth/sight.ts';
import type { Viewer } from '../../auth/viewer.ts';
import { resyncRequired } from '../../event/pull.ts';
import { placeAfter } from '../../event/service.ts';
import { type Told, type ToldBatch, wasResighted } from '../../event/told.ts';
import type { Runtime } from '../../runtime.ts';
import { type Asking, askedOf } from '../list/service.ts';
import { type Delivered, LiveFeed, sightChanged } from './feed.ts';
import { LiveList } from './list.ts';
import { LiveLog } from './log.ts';

/** What gateways' clocks may differ by; a cursor from further ahead is none that we gave. */
const MAX_AHEAD_MS = 3_600_000;

/** A list's changes: first those after the cursor, then as they come. What the filter names is looked up once, here. */
export async function followTasks(
  runtime: Runtime,
  viewer: Viewer,
  which: Omit<Asking, 'now'>,
  after: string | null,
): Promise<AsyncIterableIterator<Delivered>> {
  const { db, follower, log, now } = runtime;
  const { organizationId, userId, keyUserId } = viewer;
  const { after: seq, head, at, half, standing } = await placeAfter(runtime, viewer, after);
  if (Math.max(at, half?.to ?? at) > now().getTime() + MAX_AHEAD_MS)
    throw resyncRequired('This cursor is from the future.');
  if (after !== null && (await wasResighted(db, organizationId, userId, seq))) throw sightChanged();
  // As they stand now: a socket outlives what its caller was allowed when it was opened.
  const { role, crmAccess } = standing;
  const list = new LiveList(await askedOf(db, { ...viewer, role, crmAccess }, { ...which, now: at }));
  return follower.join<ToldBatch, LiveLog, LiveFeed>(
    'tasks',
    { organizationId, head },
    () => new LiveLog(db, organizationId),
    (lead, live) => {
      const place = { seq, at, half, head };
      return new LiveFeed(log, lead, live, { ...place, userId, keyUserId, standing: { role, crmAccess }, list });
    },
  );
}

/** Whether what happened to a task is for somebody: by the task as it left it. */
export function seesTold(viewer: Pick<Viewer, 'crmAccess' | 'userId'>, { assigneeId, creatorId }: Told): boolean {
  const sight = sightOf(viewer);
  return sight === 'ALL' || assigneeId === sight.userId || creatorId === sight.userId;
}
