import type { Viewer } from '../auth/viewer.ts';
import type { Reader } from '../db/database.ts';
import { isIdPart, isTextPart, keyOfParts, type List, nothing } from '../graphql/paging.ts';
import { isStorable } from '../limits.ts';
import type { RecordNode } from '../record/loaders.ts';
import { type AccountFilter, countAccounts, listAccounts } from './store.ts';

/** Accounts by name. Whoever has no CRM access sees none in a list; nor does one hold what no database can. */
export const accountList = (db: Reader, viewer: Viewer, filter: AccountFilter): List<RecordNode<'ACCOUNT'>> => ({
  signature: 'accounts.name',
  keyOf: ({ name, id }) => [name, String(id)],
  isKey: keyOfParts(isTextPart, isIdPart),
  ...(viewer.crmAccess && isStorable(filter.search ?? '')
    ? {
        read: async ({ from, backward, limit }) => {
          const after = from && { name: String(from[0]), id: BigInt(from[1] as string) };
          const rows = await listAccounts(db, viewer.organizationId, { ...filter, after, backward, limit });
          return rows.map((row) => ({ ...row, __typename: 'Account' }));
        },
        count: () => countAccounts(db, viewer.organizationId, filter),
      }
    : nothing),
});
