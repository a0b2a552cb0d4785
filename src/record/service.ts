import { sightOf } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { decodeId } from '../ids.ts';
import { type Link, recordTypeOf } from './link.ts';
import { lockRecord } from './store.ts';

/**
 * The record of an id, held against deletion until the transaction ends. Null for what is no record, or out of the
 * viewer's sight.
 */
export async function findLink(tx: Tx, viewer: Viewer, id: string): Promise<Link | null> {
  const decoded = decodeId(id);
  const type = decoded && recordTypeOf(decoded);
  return type ? lockRecord(tx, sightOf(viewer), type, decoded.uid) : null;
}
