-- What is searched of a record as one text in lower case: each part on a line of its own and behind a space, so that its
-- words begin behind spaces. src/record/searched.ts says the same. One index serves parts of texts, beginnings of words
-- however short, and all words of a search together.
DROP INDEX "account_contains";
CREATE INDEX account_contains ON account USING gin (
  organization_id,
  lower((' ' || name || E'\n' || ' ' || coalesce(domain, '') || E'\n') COLLATE "und-x-icu") gin_trgm_ops
);
DROP INDEX "contact_contains";
CREATE INDEX contact_contains ON contact USING gin (
  organization_id,
  lower((' ' || name || E'\n' || ' ' || coalesce(email, '') || E'\n' || ' ' || coalesce(phone, '') || E'\n' || ' ' || coalesce(phone_key, '') || E'\n') COLLATE "und-x-icu") gin_trgm_ops
);
DROP INDEX "lead_contains";
CREATE INDEX lead_contains ON lead USING gin (
  organization_id,
  lower((' ' || name || E'\n' || ' ' || coalesce(company, '') || E'\n' || ' ' || coalesce(email, '') || E'\n' || ' ' || coalesce(phone, '') || E'\n' || ' ' || coalesce(phone_key, '') || E'\n') COLLATE "und-x-icu") gin_trgm_ops
);
DROP INDEX "opportunity_contains";
CREATE INDEX opportunity_contains ON opportunity USING gin (
  organization_id,
  lower((' ' || name || E'\n') COLLATE "und-x-icu") gin_trgm_ops
);
