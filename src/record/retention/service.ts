import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { goneChange } from '../../event/changes.ts';
import type { NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { RECORD_NAMES } from '../names.ts';
import { EMPTY_RECORDS } from './store.ts';

/** Deletes some records of a type for good that have been in the bin since an instant, and to which nothing refers. */
export async function deleteSomeRecords(tx: Tx, type: RecordType, deletedUpTo: Date, after: bigint) {
  const { emptied, next } = await EMPTY_RECORDS[type](tx, deletedUpTo, after);
  const events = emptied.map(
    ({ id, uid }): NewEvent => ({
      kind: 'RECORD_DELETED',
      subject: { type, id, uid },
      changes: [goneChange(encodeId(RECORD_NAMES[type], uid))],
    }),
  );
  return { events, next };
}
