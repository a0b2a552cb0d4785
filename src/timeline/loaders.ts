import type { Reader } from '../db/database.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import { type Looking, type Timelines, timelinesOf } from './lists.ts';

export function createTimelineLoaders(db: Reader, organizationId: bigint) {
  const made = new Map<string, Timelines>();
  return {
    /** The timelines of all records of a kind, as someone sees them. */
    timelines: (viewer: Looking, type: RecordType): Timelines => {
      const key = `${viewer.userId} ${type}`;
      const found = made.get(key) ?? timelinesOf(db, organizationId, viewer, type);
      made.set(key, found);
      return found;
    },
  };
}
