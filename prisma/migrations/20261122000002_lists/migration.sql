-- AlterTable
ALTER TABLE "opportunity" ALTER COLUMN "value" SET DATA TYPE DECIMAL(30,10);

-- AlterTable
ALTER TABLE "task" ADD COLUMN     "automation_id" BIGINT;

-- CreateIndex
CREATE INDEX "activity_creator" ON "activity"("organization_id", "creator_id", "activity_timestamp", "id");

-- CreateIndex
CREATE INDEX "contact_contains" ON "contact" USING GIN ("organization_id" int8_ops, "name" gin_trgm_ops, "email" gin_trgm_ops, "phone" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "lead_contains" ON "lead" USING GIN ("organization_id" int8_ops, "name" gin_trgm_ops, "company" gin_trgm_ops, "email" gin_trgm_ops, "phone" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "opportunity_contains" ON "opportunity" USING GIN ("organization_id" int8_ops, "name" gin_trgm_ops);

-- What Prisma cannot say

-- What one deletion took is named by a number of its own: a row's id is another row's, of another table, too.
CREATE SEQUENCE deletion AS bigint;
UPDATE task SET deletion_id = nextval('deletion') WHERE deletion_id IS NOT NULL;

-- Restoring follows these; so does a deletion that is carried out in batches.
CREATE INDEX task_deletion ON task (organization_id, deletion_id, id) WHERE deletion_id IS NOT NULL;
CREATE INDEX activity_deletion ON activity (organization_id, deletion_id, id) WHERE deletion_id IS NOT NULL;
CREATE INDEX contact_deletion ON contact (organization_id, deletion_id, id) WHERE deletion_id IS NOT NULL;
CREATE INDEX opportunity_deletion ON opportunity (organization_id, deletion_id, id) WHERE deletion_id IS NOT NULL;

-- The bin is small and gathered.
CREATE INDEX task_bin ON task (organization_id, id) WHERE deleted_at IS NOT NULL;

-- A place within a stage is one card's, deleted ones and queue rows included: what comes back finds its place. The order of
-- a board is this index; whatever else is asked of a stage's tasks is gathered by it.
CREATE UNIQUE INDEX task_stage_position ON task (organization_id, stage_id, position) WHERE stage_id IS NOT NULL;
DROP INDEX task_stage;

-- Records by name, and those of an account, which its deletion follows too.
CREATE INDEX contact_name ON contact (organization_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX lead_name ON lead (organization_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX opportunity_name ON opportunity (organization_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_account ON contact (organization_id, account_id, name, id) WHERE account_id IS NOT NULL;
CREATE INDEX opportunity_account ON opportunity (organization_id, account_id, name, id) WHERE account_id IS NOT NULL;

-- Activities by their time, of all and of whatever they are linked to.
CREATE INDEX activity_at ON activity (organization_id, activity_timestamp, id) WHERE deleted_at IS NULL;
CREATE INDEX activity_created_at ON activity (organization_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX activity_bin ON activity (organization_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX activity_account ON activity (organization_id, account_id, activity_timestamp, id) WHERE account_id IS NOT NULL;
CREATE INDEX activity_contact ON activity (organization_id, contact_id, activity_timestamp, id) WHERE contact_id IS NOT NULL;
CREATE INDEX activity_lead ON activity (organization_id, lead_id, activity_timestamp, id) WHERE lead_id IS NOT NULL;
CREATE INDEX activity_opportunity ON activity (organization_id, opportunity_id, activity_timestamp, id)
  WHERE opportunity_id IS NOT NULL;
CREATE INDEX activity_words ON activity USING gin (
  organization_id,
  to_tsvector('simple', lower((coalesce(title, '') || ' ' || coalesce(description, '')) COLLATE "und-x-icu"))
);

-- What must never be
ALTER TABLE contact
  ADD CONSTRAINT contact_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
  ADD CONSTRAINT contact_tags_count CHECK (cardinality(tags) <= 50);
ALTER TABLE lead
  ADD CONSTRAINT lead_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
  ADD CONSTRAINT lead_tags_count CHECK (cardinality(tags) <= 50);
ALTER TABLE opportunity
  ADD CONSTRAINT opportunity_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
  ADD CONSTRAINT opportunity_tags_count CHECK (cardinality(tags) <= 50),
  ADD CONSTRAINT opportunity_currency_is_code CHECK (currency ~ '^[A-Z]{3}$');
ALTER TABLE account
  ADD CONSTRAINT account_tags_count CHECK (cardinality(tags) <= 50);
ALTER TABLE stage
  ADD CONSTRAINT stage_name_length CHECK (char_length(name) BETWEEN 1 AND 255);
ALTER TABLE pipeline
  ADD CONSTRAINT pipeline_name_length CHECK (char_length(name) BETWEEN 1 AND 255);
