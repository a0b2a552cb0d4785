-- Neither nothing at all nor what no calendar holds: null is what keeps complete tasks forever.
ALTER TABLE organization ADD CONSTRAINT organization_task_retention_days CHECK (task_retention_days BETWEEN 1 AND 36500);
