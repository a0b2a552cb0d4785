import type { RecordType } from '../db/generated/prisma/enums.ts';

const text = (first: string, ...more: readonly string[]) => {
  const rest = more.map((column) => ` || ' ' || coalesce(r.${column}, '') || E'\\n'`).join('');
  return `search_form(' ' || r.${first} || E'\\n'${rest})`;
};

/**
 * What is searched of a record of alias `r`, as one text in its form for searches: each part on a line of its own and behind a space,
 * so that its words begin behind spaces; the name comes first. Exactly what the indexes `…_contains` hold.
 */
export const SEARCHED: Readonly<Record<RecordType, string>> = {
  ACCOUNT: text('name', 'domain'),
  CONTACT: text('name', 'email', 'phone', 'phone_key'),
  LEAD: text('name', 'company', 'email', 'phone', 'phone_key'),
  OPPORTUNITY: text('name'),
};
