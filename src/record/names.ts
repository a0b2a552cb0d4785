import type { RecordType } from '../db/generated/prisma/enums.ts';

/** What each kind of record is called in GraphQL, in ids and by Prisma. */
export const RECORD_NAMES = {
  ACCOUNT: 'Account',
  CONTACT: 'Contact',
  LEAD: 'Lead',
  OPPORTUNITY: 'Opportunity',
} as const;

/** The same the other way round. */
export const RECORD_TYPES = {
  Account: 'ACCOUNT',
  Contact: 'CONTACT',
  Lead: 'LEAD',
  Opportunity: 'OPPORTUNITY',
} as const;

export type RecordName<Type extends RecordType = RecordType> = (typeof RECORD_NAMES)[Type];

/** One of something for each kind of record. */
export const byRecordType = <Made>(make: (type: RecordType) => Made): Readonly<Record<RecordType, Made>> => ({
  ACCOUNT: make('ACCOUNT'),
  CONTACT: make('CONTACT'),
  LEAD: make('LEAD'),
  OPPORTUNITY: make('OPPORTUNITY'),
});
