-- What the system makes is few beside what people make, and asked for by kind (Close's `_type`): such a list is gathered by
-- this instead of looked for along the dates of everything.
CREATE INDEX task_kind ON task (organization_id, kind, id) WHERE kind <> 'LEAD' AND deleted_at IS NULL AND NOT is_queue_row;
