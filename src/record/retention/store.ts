import { emptyBinOf, refersBy } from '../../db/bin.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';

// Whoever took part in something stays known by it, and there is no foreign key for that. Counted, since for the first one
// alone PostgreSQL would read through the table.
const TOOK_PART = `(SELECT count(*) FROM activity o WHERE o.organization_id = $1 AND o.participants <> '[]'::jsonb
  AND o.participants @> jsonb_build_array(jsonb_build_object('contactId', r.id))) > 0`;

/** Deletes records in the bin for good, those that no other row refers to. */
export const EMPTY_RECORDS = {
  ACCOUNT: emptyBinOf('account', [
    refersBy('contact', 'account_id'),
    refersBy('opportunity', 'account_id'),
    refersBy('lead', 'converted_account_id'),
    refersBy('activity', 'account_id'),
    refersBy('task', 'account_id'),
  ]),
  CONTACT: emptyBinOf('contact', [
    refersBy('opportunity', 'contact_id'),
    refersBy('lead', 'converted_contact_id'),
    refersBy('activity', 'contact_id'),
    refersBy('task', 'contact_id'),
    TOOK_PART,
  ]),
  LEAD: emptyBinOf('lead', [
    refersBy('opportunity', 'lead_id'),
    refersBy('activity', 'lead_id'),
    refersBy('task', 'lead_id'),
  ]),
  OPPORTUNITY: emptyBinOf('opportunity', [refersBy('activity', 'opportunity_id'), refersBy('task', 'opportunity_id')]),
} satisfies Record<RecordType, unknown>;
