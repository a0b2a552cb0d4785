export type Row = Readonly<Record<string, unknown>>;

const at = '2026-01-01T00:00:00.000Z';
const times = { created_at: at, updated_at: at };
const record = { organization_id: 1, creator_id: 1, ...times };

/** One valid row a table, in the order in which they can be inserted. */
export const rows: readonly { table: string; values: Row }[] = [
  { table: 'user', values: { id: 1, uid: 'user_1', name: 'One', email: 'one@demo.example' } },
  { table: 'organization', values: { id: 1, uid: 'org_1', name: 'Demo' } },
  { table: 'organization_log', values: { organization_id: 1, last_seq: 5, pruned_to: 2 } },
  { table: 'organization_work', values: { organization_id: 1 } },
  { table: 'job', values: { organization_id: 1, id: 1, kind: 'test', due_at: at } },
  { table: 'membership', values: { organization_id: 1, user_id: 1, uid: 'mem_1', role: 'ADMIN' } },
  { table: 'account', values: { id: 1, uid: 'acct_1', name: 'Acme', ...record } },
  { table: 'contact', values: { id: 1, uid: 'cont_1', name: 'Ann', ...record } },
  { table: 'lead', values: { id: 1, uid: 'lead_1', name: 'Lea', ...record } },
  { table: 'opportunity', values: { id: 1, uid: 'opp_1', name: 'Deal', ...record } },
  { table: 'pipeline', values: { organization_id: 1, id: 1, uid: 'pipe_1', name: 'Sales', ...times } },
  {
    table: 'stage',
    values: { organization_id: 1, id: 1, pipeline_id: 1, uid: 'stage_1', name: 'New', color: '#00ffAA', sort_order: 0 },
  },
  {
    table: 'activity',
    values: { id: 1, uid: 'act_1', activity_timestamp: at, duration: 30, location: 'Phone', ...record },
  },
  { table: 'task', values: { id: 1, uid: 'task_1', title: 'Call', timeline_at: at, ...record } },
  { table: 'task_email', values: { organization_id: 1, task_id: 1, activity_id: 1 } },
  {
    table: 'event',
    values: {
      ...{ organization_id: 1, seq: 1, kind: 'TASK_CREATED', at, actor_id: 1, actor_kind: 'USER' },
      ...{ subject_type: 'TASK', subject_id: 1, subject_uid: 'task_1', changes: '[]' },
    },
  },
];

export const gone = { is_active: false, deleted_at: at, deletion_id: 7 };
const leased = { lease: '00000000-0000-4000-8000-000000000000', leased_until: at };
const failed = { state: 'FAILED', error_code: 'INTERNAL', error_message: 'It broke.' };
const completed = { status: 'COMPLETED', completed_at: at, completed_by_id: 1 };
export const recorded = { recording: 'CALL', external_id: 'c1', direction: 'INBOUND' };
const voicemail = { ...recorded, voicemail_duration: 0, voicemail_url: 'https://v.example/1' };
const place = { pipeline_id: 1, stage_id: 1, position: 'a0' };
const link = (linked_type: string | null, account = 0, contact = 0, lead = 0, opportunity = 0): Row => ({
  linked_type,
  account_id: account || null,
  contact_id: contact || null,
  lead_id: lead || null,
  opportunity_id: opportunity || null,
});

/** Rows at the edge of what is allowed: table, what it is, columns. */
export const accepted: readonly [table: string, what: string, values: Row][] = [
  ...rows.map(({ table }): [string, string, Row] => [table, 'plain', {}]),
  ['user', 'a system user without e-mail', { email: null, is_system: true }],
  ['user', 'an e-mail beyond ASCII', { email: 'jürgen@straße.example' }],
  ['organization_log', 'pruned to its end', { pruned_to: 5 }],
  ['job', 'being run, and scheduled anew', { ...leased, attempts: 1, rescheduled: true }],
  ['job', 'to be tried again', { ...failed, state: 'SCHEDULED', attempts: 1 }],
  ['job', 'failed for good', { ...failed, attempts: 5 }],
  ['account', 'the longest name, of characters', { name: 'é'.repeat(255) }],
  ['account', 'deleted by itself', { deleted_at: at }],
  ['account', 'deleted', { deleted_at: at, deletion_id: 7 }],
  ['opportunity', 'of a value', { value: '12345678901234567890.0123456789', currency: 'EUR' }],
  ['stage', 'default', { is_default: true }],
  ['stage', 'won', { is_won: true }],
  ['activity', 'of no length', { duration: 0 }],
  ['activity', 'of a week', { duration: 10_080, location: 'x'.repeat(500) }],
  ['activity', 'of an account, linked to nothing', link(null, 1)],
  ['activity', 'of an account, linked to it', link('ACCOUNT', 1)],
  ['activity', 'of an account, linked to a contact', link('CONTACT', 1, 1)],
  ['activity', 'of an account, linked to an opportunity of a lead', link('OPPORTUNITY', 1, 0, 1, 1)],
  ['activity', 'recorded', recorded],
  ['activity', 'a voicemail', voicemail],
  ['activity', 'deleted', gone],
  ['task', 'of the longest title and description', { title: '😀'.repeat(255), description: 'x'.repeat(32_768) }],
  ['task', 'of a day', { due_on: '2026-01-01' }],
  ['task', 'of an instant', { due_at: at }],
  ['task', 'complete', completed],
  ['task', 'cancelled', { status: 'CANCELLED' }],
  ['task', 'of a thread', { kind: 'INCOMING_EMAIL', thread_id: 't1' }],
  ['task', 'to follow up in a thread', { kind: 'EMAIL_FOLLOWUP', thread_id: 't1' }],
  ['task', 'deleted', gone],
  ['task', 'in a pipeline', place],
  ['task', 'a queue row', { is_queue_row: true }],
  ['task', 'with all tags and attachments', { tags: Array(50).fill('t'), attachment_urls: Array(20).fill('u') }],
  ['task', 'linked to an account', link('ACCOUNT', 1)],
  ['task', 'linked to a contact of none', link('CONTACT', 0, 1)],
  ['task', 'linked to a contact of an account', link('CONTACT', 1, 1)],
  ['task', 'linked to a lead', link('LEAD', 0, 0, 1)],
  ['task', 'linked to a converted lead', link('LEAD', 1, 0, 1)],
  ['task', 'linked to an opportunity', link('OPPORTUNITY', 0, 0, 0, 1)],
  ['task', 'linked to an opportunity of an account and a lead', link('OPPORTUNITY', 1, 0, 1, 1)],
];

const links: [what: string, values: Row][] = [
  ['of no type holds a contact', link(null, 0, 1)],
  ['of no type holds a lead', link(null, 0, 0, 1)],
  ['of no type holds an opportunity', link(null, 0, 0, 0, 1)],
  ['to an account holds none', link('ACCOUNT')],
  ['to an account holds a contact', link('ACCOUNT', 1, 1)],
  ['to an account holds a lead', link('ACCOUNT', 1, 0, 1)],
  ['to an account holds an opportunity', link('ACCOUNT', 1, 0, 0, 1)],
  ['to a contact holds none', link('CONTACT', 1)],
  ['to a contact holds a lead', link('CONTACT', 1, 1, 1)],
  ['to a contact holds an opportunity', link('CONTACT', 1, 1, 0, 1)],
  ['to a lead holds none', link('LEAD', 1)],
  ['to a lead holds a contact', link('LEAD', 0, 1, 1)],
  ['to a lead holds an opportunity', link('LEAD', 0, 0, 1, 1)],
  ['to an opportunity holds none', link('OPPORTUNITY', 1, 0, 1)],
  ['to an opportunity holds a contact', link('OPPORTUNITY', 0, 1, 0, 1)],
];

/** Rows that one CHECK refuses: its name, why, table, columns. */
export const refused: readonly [constraint: string, why: string, table: string, values: Row][] = [
  ['user_email_is_lower_case', 'A', 'user', { email: 'Ann@demo.example' }],
  ['user_email_is_lower_case', 'Ü', 'user', { email: 'jÜrgen@demo.example' }],
  ['user_system_has_no_email', 'with one', 'user', { is_system: true }],
  ['organization_log_pruned_within', 'beyond its end', 'organization_log', { pruned_to: 6 }],
  ['organization_log_pruned_within', 'negative', 'organization_log', { pruned_to: -1 }],
  ['job_attempts_count', 'negative', 'job', { attempts: -1 }],
  ['job_lease_is_whole', 'without end', 'job', { ...leased, leased_until: null }],
  ['job_lease_is_whole', 'without token', 'job', { leased_until: at }],
  ['job_rescheduled_while_leased', 'by nobody', 'job', { rescheduled: true }],
  ['job_error_is_whole', 'without message', 'job', { error_code: 'INTERNAL' }],
  ['job_error_is_whole', 'without code', 'job', { error_message: 'It broke.' }],
  ['job_failed_has_error', 'without', 'job', { state: 'FAILED' }],
  ['job_failed_has_no_lease', 'with', 'job', { ...failed, ...leased }],
  ['activity_recording_is_whole', 'without id', 'activity', { ...recorded, external_id: null }],
  ['activity_recording_is_whole', 'without means', 'activity', { external_id: 'c1' }],
  ['activity_recording_has_direction', 'without', 'activity', { ...recorded, direction: null }],
  ['activity_voicemail_is_whole', 'without address', 'activity', { ...voicemail, voicemail_url: null }],
  ['activity_voicemail_is_whole', 'without duration', 'activity', { ...voicemail, voicemail_duration: null }],
  ['activity_voicemail_of_call', 'of an e-mail', 'activity', { ...voicemail, recording: 'EMAIL' }],
  [
    'activity_voicemail_of_call',
    'of what was not recorded',
    'activity',
    { ...voicemail, recording: null, external_id: null },
  ],
  ['activity_voicemail_duration', 'negative', 'activity', { ...voicemail, voicemail_duration: -1 }],
  ['task_thread_of_email', 'of a call', 'task', { kind: 'MISSED_CALL', thread_id: 't1' }],
  ['event_seq_is_positive', '0', 'event', { seq: 0 }],
  ['account_name_length', 'empty', 'account', { name: '' }],
  ['account_name_length', '256', 'account', { name: 'x'.repeat(256) }],
  ...['account', 'contact', 'lead', 'opportunity', 'activity', 'task'].map((table): [string, string, string, Row] => [
    `${table}_deletion_of_deleted`,
    'not deleted',
    table,
    { deletion_id: 7 },
  ]),
  ...['contact', 'lead', 'opportunity', 'stage', 'pipeline'].flatMap((table): [string, string, string, Row][] => [
    [`${table}_name_length`, 'empty', table, { name: '' }],
    [`${table}_name_length`, '256', table, { name: 'x'.repeat(256) }],
  ]),
  ...['account', 'contact', 'lead', 'opportunity'].map((table): [string, string, string, Row] => [
    `${table}_tags_count`,
    '51',
    table,
    { tags: Array(51).fill('t') },
  ]),
  ['opportunity_currency_is_code', 'small', 'opportunity', { currency: 'eur' }],
  ['opportunity_currency_is_code', 'two letters', 'opportunity', { currency: 'EU' }],
  ['stage_color_is_hex', 'a name', 'stage', { color: 'red' }],
  ['stage_color_is_hex', 'seven digits', 'stage', { color: '#0000000' }],
  ['stage_color_is_hex', 'a second line', 'stage', { color: '#000000\n' }],
  ['stage_default_is_not_won', 'both', 'stage', { is_default: true, is_won: true }],
  ['activity_location_length', 'empty', 'activity', { location: '' }],
  ['activity_location_length', '501', 'activity', { location: 'x'.repeat(501) }],
  ['activity_duration_range', 'negative', 'activity', { duration: -1 }],
  ['activity_duration_range', 'over a week', 'activity', { duration: 10_081 }],
  ...['activity', 'task'].flatMap((table): [string, string, string, Row][] => [
    [`${table}_title_length`, 'empty', table, { title: '' }],
    [`${table}_title_length`, '256', table, { title: 'x'.repeat(256) }],
    [`${table}_description_size`, '32769 bytes', table, { description: `${'é'.repeat(16_384)}x` }],
    [`${table}_tags_count`, '51', table, { tags: Array(51).fill('t') }],
    [`${table}_attachments_count`, '21', table, { attachment_urls: Array(21).fill('u') }],
    [`${table}_active_is_not_deleted`, 'deleted and active', table, { ...gone, is_active: true }],
    [`${table}_active_is_not_deleted`, 'neither', table, { is_active: false }],
    ...links.map(([what, values]): [string, string, string, Row] => [`${table}_one_link`, what, table, values]),
  ]),
  ['task_one_link', 'of no type holds an account', 'task', link(null, 1)],
  ['task_one_date', 'both', 'task', { due_on: '2026-01-01', due_at: at }],
  ['task_completed_has_instant', 'complete without', 'task', { status: 'COMPLETED' }],
  ['task_completed_has_instant', 'open with', 'task', { ...completed, status: 'PENDING' }],
  ['task_completed_has_instant', 'cancelled with', 'task', { ...completed, status: 'CANCELLED' }],
  ['task_completed_has_person', 'complete without', 'task', { ...completed, completed_by_id: null }],
  ['task_completed_has_person', 'open with', 'task', { completed_by_id: 1 }],
  ['task_place_is_whole', 'no position', 'task', { ...place, position: null }],
  ['task_place_is_whole', 'no pipeline', 'task', { ...place, pipeline_id: null }],
  ['task_place_is_whole', 'no stage', 'task', { ...place, stage_id: null }],
  ['task_open_blockers_count', 'negative', 'task', { open_blockers: -1 }],
  ['task_version_is_positive', '0', 'task', { version: 0 }],
  ['task_queue_row_is_lead', 'a voicemail', 'task', { is_queue_row: true, kind: 'VOICEMAIL' }],
];
