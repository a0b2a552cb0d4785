import DataLoader from 'dataloader';
import { bySight, type Sight } from '../auth/sight.ts';
import type { Reader } from '../db/database.ts';
import type { RecordType } from '../db/generated/prisma/enums.ts';
import { loaderBy } from '../db/loader.ts';
import { boundPages } from '../graphql/shown.ts';
import { countOfAccounts, listOfAccounts, type NamePage, type OfAccount } from './listing/store.ts';
import { RECORD_NAMES, type RecordName } from './names.ts';
import { type RecordRows, recordsByIds, recordsByUids, recordsInSight } from './store.ts';

/** A record's row with the name of its GraphQL type, as the interface LinkedRecord needs it. */
export type RecordNode<Type extends RecordType = RecordType> = RecordRows[Type] & {
  readonly __typename: RecordName<Type>;
};

const typed = <Type extends RecordType>(type: Type, rows: readonly RecordRows[Type][]) =>
  rows.map((row) => ({ ...row, __typename: RECORD_NAMES[type] })) as readonly RecordNode<Type>[];

export function createRecordLoaders(db: Reader, organizationId: bigint) {
  const byId = <Type extends RecordType>(type: Type) =>
    loaderBy(
      async (ids: readonly bigint[]) => typed(type, await recordsByIds(db, organizationId, type, ids)),
      (row) => (row as RecordNode).id,
    );
  const byUid = <Type extends RecordType>(sight: Sight, type: Type) =>
    loaderBy(
      async (uids: readonly string[]) => typed(type, await recordsByUids(db, organizationId, sight, type, uids)),
      (row) => (row as RecordNode).uid,
    );
  const inSight = <Type extends RecordType>(sight: Sight, type: Type) =>
    loaderBy(
      async (ids: readonly bigint[]) => typed(type, await recordsInSight(db, organizationId, sight, type, ids)),
      (row) => (row as RecordNode).id,
    );
  const record = {
    ACCOUNT: byId('ACCOUNT'),
    CONTACT: byId('CONTACT'),
    LEAD: byId('LEAD'),
    OPPORTUNITY: byId('OPPORTUNITY'),
  };
  const pages = new Map<string, DataLoader<bigint, readonly RecordNode<OfAccount>[]>>();
  const count = (type: OfAccount) =>
    loaderBy(
      (accountIds: readonly bigint[]) => countOfAccounts(db, organizationId, type, accountIds),
      ({ accountId }) => accountId,
    );
  const counts = { CONTACT: count('CONTACT'), OPPORTUNITY: count('OPPORTUNITY') };
  return {
    /** The same page of each account's contacts or opportunities. */
    ofAccount: (type: OfAccount, page: NamePage) => {
      const { after, backward, limit } = page;
      const key = JSON.stringify([type, after?.name, String(after?.id), backward, limit]);
      const found = pages.get(key) ?? ofAccountLoader(db, organizationId, type, page);
      pages.set(key, found);
      return found;
    },
    countOfAccount: async (type: OfAccount, accountId: bigint) => (await counts[type].load(accountId))?.count ?? 0,
    /** Records by inner id: for what the viewer's tasks name. */
    record,
    /** Records by inner id that another record names: it being in sight does not put them there. */
    recordOf: bySight((sight) =>
      sight === 'ALL'
        ? record
        : {
            ACCOUNT: inSight(sight, 'ACCOUNT'),
            CONTACT: inSight(sight, 'CONTACT'),
            LEAD: inSight(sight, 'LEAD'),
            OPPORTUNITY: inSight(sight, 'OPPORTUNITY'),
          },
    ),
    /** Records by ULID, null for what is not there or out of sight. */
    recordByUid: bySight((sight) => ({
      ACCOUNT: byUid(sight, 'ACCOUNT'),
      CONTACT: byUid(sight, 'CONTACT'),
      LEAD: byUid(sight, 'LEAD'),
      OPPORTUNITY: byUid(sight, 'OPPORTUNITY'),
    })),
  };
}

const ofAccountLoader = (db: Reader, organizationId: bigint, type: OfAccount, page: NamePage) =>
  new DataLoader<bigint, readonly RecordNode<OfAccount>[]>(async (accountIds) => {
    boundPages(accountIds.length, page.limit);
    const rows = typed(type, await listOfAccounts(db, organizationId, type, accountIds, page));
    const byAccount = Map.groupBy(rows, ({ accountId }) => accountId);
    return accountIds.map((id) => byAccount.get(id) ?? []);
  });
