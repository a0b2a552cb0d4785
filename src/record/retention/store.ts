import { emptyBinOf } from '../../db/bin.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';

const by = (table: string, column: string) => `${table} o WHERE o.organization_id = $1 AND o.${column} = r.id`;

/** Deletes records in the bin for good, those that no other row refers to. */
export const EMPTY_RECORDS = {
  ACCOUNT: emptyBinOf('account', [
    by('contact', 'account_id'),
    by('opportunity', 'account_id'),
    by('lead', 'converted_account_id'),
    by('activity', 'account_id'),
    by('task', 'account_id'),
  ]),
  CONTACT: emptyBinOf('contact', [
    by('opportunity', 'contact_id'),
    by('lead', 'converted_contact_id'),
    by('activity', 'contact_id'),
    by('task', 'contact_id'),
    // Whoever took part in something stays known by it. There is no foreign key for that.
    `activity o WHERE o.organization_id = $1 AND o.participants <> '[]'::jsonb
       AND o.participants @> jsonb_build_array(jsonb_build_object('contactId', r.id))`,
  ]),
  LEAD: emptyBinOf('lead', [by('opportunity', 'lead_id'), by('activity', 'lead_id'), by('task', 'lead_id')]),
  OPPORTUNITY: emptyBinOf('opportunity', [by('activity', 'opportunity_id'), by('task', 'opportunity_id')]),
} satisfies Record<RecordType, unknown>;
