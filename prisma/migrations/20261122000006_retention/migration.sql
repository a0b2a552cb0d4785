-- Neither nothing at all nor what no calendar holds: null is what keeps complete tasks forever.
ALTER TABLE organization ADD CONSTRAINT organization_task_retention_days CHECK (task_retention_days BETWEEN 1 AND 36500);

-- The bins of records, as those of tasks and activities. Retention goes through them by these.
CREATE INDEX account_bin ON account (organization_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX contact_bin ON contact (organization_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX lead_bin ON lead (organization_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX opportunity_bin ON opportunity (organization_id, id) WHERE deleted_at IS NOT NULL;

-- Who refers to a row is asked before it is deleted, and asked again by its foreign keys: without these each time of the
-- whole table (an account among 200,000 tasks: 147 ms).
CREATE INDEX task_account ON task (organization_id, account_id) WHERE account_id IS NOT NULL;
CREATE INDEX opportunity_contact ON opportunity (organization_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX opportunity_lead ON opportunity (organization_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX lead_converted_account ON lead (organization_id, converted_account_id) WHERE converted_account_id IS NOT NULL;
CREATE INDEX lead_converted_contact ON lead (organization_id, converted_contact_id) WHERE converted_contact_id IS NOT NULL;
CREATE INDEX activity_participants ON activity USING gin (organization_id int8_ops, participants jsonb_path_ops)
  WHERE participants <> '[]'::jsonb;
