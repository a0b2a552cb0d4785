-- A record's timeline is a range of its tasks by their place in timelines, and one of its activities by their time.
CREATE INDEX task_account_timeline ON task (organization_id, account_id, timeline_at, id)
  WHERE account_id IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;

-- What else is asked of the tasks of a contact, lead or opportunity is gathered, in no order: the same index serves both,
-- so that a task costs no more to write than before. They hold the bin and the queue too, of which one record has few.
CREATE INDEX task_contact_timeline ON task (organization_id, contact_id, timeline_at, id) WHERE contact_id IS NOT NULL;
CREATE INDEX task_lead_timeline ON task (organization_id, lead_id, timeline_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX task_opportunity_timeline ON task (organization_id, opportunity_id, timeline_at, id)
  WHERE opportunity_id IS NOT NULL;
DROP INDEX task_contact;
DROP INDEX task_lead;
DROP INDEX task_opportunity;
