import { sightOf } from '../auth/sight.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import { decodeId, encodeId } from '../ids.ts';
import { lockRecord } from './store.ts';

/** A record as something that tasks are linked to, with the links that derive from it. */
export interface Link {
  readonly type: RecordType;
  readonly id: bigint;
  readonly uid: string;
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
  readonly isDeleted: boolean;
}

const RECORD_TYPES = { Account: 'ACCOUNT', Contact: 'CONTACT', Lead: 'LEAD', Opportunity: 'OPPORTUNITY' } as const;
const NAMES = { ACCOUNT: 'Account', CONTACT: 'Contact', LEAD: 'Lead', OPPORTUNITY: 'Opportunity' } as const;

/** The outward id of what a link names. */
export const linkId = ({ type, uid }: Pick<Link, 'type' | 'uid'>): string => encodeId(NAMES[type], uid);

/**
 * The record of an id, held against deletion until the transaction ends. Null for what is no record, or out of the
 * viewer's sight.
 */
export async function findLink(tx: Tx, viewer: Viewer, id: string): Promise<Link | null> {
  const decoded = decodeId(id);
  const type = decoded && RECORD_TYPES[decoded.type as keyof typeof RECORD_TYPES];
  return type ? lockRecord(tx, sightOf(viewer), type, decoded.uid) : null;
}
