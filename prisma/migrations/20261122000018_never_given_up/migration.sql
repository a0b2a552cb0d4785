-- Jobs were given up after five failures, and what they had to do was left undone for good. Nothing that there is may be:
-- they are tried again, at once.
UPDATE job SET state = 'SCHEDULED', due_at = now() WHERE state = 'FAILED';
UPDATE organization_work w SET next_due_at = LEAST(w.next_due_at, now())
WHERE EXISTS (SELECT FROM job j WHERE j.organization_id = w.organization_id AND j.state = 'SCHEDULED' AND j.due_at < now() + interval '1 second');
