import type { RecordType } from '../db/generated/prisma/enums.ts';
import { type DecodedId, encodeId } from '../ids.ts';
import { RECORD_NAMES, RECORD_TYPES } from './names.ts';

/** A record as something that tasks are linked to, with the links that derive from it. */
export interface Link {
  readonly type: RecordType;
  readonly id: bigint;
  readonly uid: string;
  readonly accountId: bigint | null;
  readonly leadId: bigint | null;
  readonly accountUid: string | null;
  readonly leadUid: string | null;
  readonly isDeleted: boolean;
}

/** Of which kind of record an id is; undefined for ids of other things. */
export const recordTypeOf = ({ type }: DecodedId): RecordType | undefined =>
  RECORD_TYPES[type as keyof typeof RECORD_TYPES];

/** The outward id of what a link names. */
export const linkId = ({ type, uid }: Pick<Link, 'type' | 'uid'>): string => encodeId(RECORD_NAMES[type], uid);
