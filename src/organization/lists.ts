import type { Reader } from '../db/database.ts';
import { isIdPart, isTextPart, keyOfParts, type List, nothing } from '../graphql/paging.ts';
import { isStorable } from '../limits.ts';
import { countPeople, listPeople, type MembershipRow } from './store.ts';

/** The organization's people by name; none of a text that no database can hold. */
export const peopleList = (db: Reader, organizationId: bigint, search: string | null): List<MembershipRow> => ({
  signature: 'memberships.name',
  keyOf: ({ userName, userId }) => [userName, String(userId)],
  isKey: keyOfParts(isTextPart, isIdPart),
  ...(isStorable(search ?? '')
    ? {
        read: ({ from, backward, limit }) =>
          listPeople(db, organizationId, {
            search,
            after: from && { name: String(from[0]), id: BigInt(from[1] as string) },
            backward,
            limit,
          }),
        count: () => countPeople(db, organizationId, search),
      }
    : nothing),
});
