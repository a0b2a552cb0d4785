import type { Viewer } from '../../auth/viewer.ts';
import type { Reader } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { isStorable } from '../../limits.ts';
import type { RecordNode } from '../loaders.ts';
import { RECORD_NAMES } from '../names.ts';
import { compareFits, readSearch } from './rules.ts';
import { searchRecordsOf } from './store.ts';

/** Records of some kinds that a search finds, the best first. Whoever has no CRM access finds none, as in every list. */
export async function searchRecords(
  db: Reader,
  { organizationId, crmAccess }: Viewer,
  query: string,
  types: readonly RecordType[],
  limit: number,
): Promise<RecordNode[]> {
  const search = crmAccess && isStorable(query) ? readSearch(query) : null;
  if (!search) return [];
  const found = await Promise.all(
    [...new Set(types)].map(async (type) => {
      const rows = await searchRecordsOf(db, organizationId, type, search, limit);
      return rows.map((row) => ({ ...row, __typename: RECORD_NAMES[type] }));
    }),
  );
  return found.flat().sort(compareFits).slice(0, limit);
}
