-- The first migration: the tables as Prisma's engine writes them from schema.prisma, then what Prisma cannot say. Its drift
-- check does not see that second part, so test/db/catalog.snapshot.txt does.

-- For GIN indexes that begin with the organization, and for "contains" in names.
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('ADMIN', 'MEMBER', 'VIEWER');

-- CreateEnum
CREATE TYPE "membership_kind" AS ENUM ('PERSON', 'ASSISTANT', 'API_KEY');

-- CreateEnum
CREATE TYPE "weekday" AS ENUM ('MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY');

-- CreateEnum
CREATE TYPE "email_outcome_policy" AS ENUM ('RETRY', 'HOLD');

-- CreateEnum
CREATE TYPE "record_type" AS ENUM ('ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY');

-- CreateEnum
CREATE TYPE "lead_status" AS ENUM ('NEW', 'CONTACTED', 'QUALIFIED', 'NURTURING', 'UNQUALIFIED', 'CONVERTED', 'LOST');

-- CreateEnum
CREATE TYPE "opportunity_status" AS ENUM ('OPEN', 'WON', 'LOST');

-- CreateEnum
CREATE TYPE "activity_type" AS ENUM ('CALL', 'EMAIL', 'MEETING', 'SITE_VISIT', 'CHAT', 'SMS', 'REVIEW', 'PRESENTATION', 'TRAINING');

-- CreateEnum
CREATE TYPE "activity_status" AS ENUM ('PENDING', 'COMPLETED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "activity_visibility" AS ENUM ('ORGANIZATION', 'PRIVATE');

-- CreateEnum
CREATE TYPE "direction" AS ENUM ('INBOUND', 'OUTBOUND');

-- CreateEnum
CREATE TYPE "task_kind" AS ENUM ('LEAD', 'INCOMING_EMAIL', 'EMAIL_FOLLOWUP', 'MISSED_CALL', 'ANSWERED_DETACHED_CALL', 'VOICEMAIL', 'OPPORTUNITY_DUE', 'INCOMING_SMS');

-- CreateEnum
CREATE TYPE "task_type" AS ENUM ('FOLLOW_UP', 'REVIEW', 'APPROVAL', 'CUSTOM', 'CALL', 'EMAIL', 'MESSAGE', 'MEETING', 'CHAT', 'PROPOSAL', 'NOTE', 'TASK', 'DEMO');

-- CreateEnum
CREATE TYPE "task_category" AS ENUM ('FOLLOW_UP_CALL', 'ACCOUNT_REVIEW', 'TRAINING_SESSION', 'ISSUE_RESOLUTION', 'TEAM_UPDATE', 'RESOURCE_ALLOCATION', 'PROCESS_REVIEW', 'DOCUMENTATION_UPDATE');

-- CreateEnum
CREATE TYPE "task_status" AS ENUM ('PENDING', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "task_priority" AS ENUM ('LOW', 'MEDIUM', 'HIGH');

-- CreateEnum
CREATE TYPE "event_kind" AS ENUM ('TASK_CREATED', 'TASK_UPDATED', 'TASK_ASSIGNED', 'TASK_COMPLETED', 'TASK_REOPENED', 'TASK_STAGE_CHANGED', 'TASK_DELETED', 'TASK_RESTORED', 'TASK_COMMENTED', 'TASK_REMINDED', 'TASK_ESCALATED', 'ACTIVITY_LOGGED', 'ACTIVITY_UPDATED', 'ACTIVITY_DELETED', 'ACTIVITY_RESTORED', 'ACTIVITY_COMMENTED', 'RECORD_CREATED', 'RECORD_UPDATED', 'RECORD_DELETED', 'RECORD_RESTORED', 'TAG_ADDED', 'MEMBERSHIP_CHANGED', 'API_KEY_CREATED', 'API_KEY_REVOKED', 'PIPELINE_CHANGED', 'AUTOMATION_CHANGED', 'ORGANIZATION_CHANGED', 'QUEUE_CHANGED');

-- CreateEnum
CREATE TYPE "actor_kind" AS ENUM ('USER', 'API_KEY', 'AUTOMATION', 'SYSTEM');

-- CreateEnum
CREATE TYPE "subject_type" AS ENUM ('TASK', 'ACTIVITY', 'ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY', 'MEMBERSHIP', 'API_KEY', 'PIPELINE', 'AUTOMATION', 'ORGANIZATION');

-- CreateEnum
CREATE TYPE "notification_kind" AS ENUM ('TASK_ASSIGNED', 'TASK_REMINDER', 'TASK_COMPLETED', 'TASK_COMMENTED', 'TASK_UNBLOCKED', 'TASK_ESCALATED', 'ACTIVITY_COMPLETED', 'ACTIVITY_COMMENTED', 'MENTIONED');

-- CreateTable
CREATE TABLE "user" (
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "time_zone" TEXT,
    "is_system" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organization" (
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "week_starts_on" "weekday" NOT NULL DEFAULT 'MONDAY',
    "require_assignee" BOOLEAN NOT NULL DEFAULT false,
    "task_retention_days" INTEGER DEFAULT 30,
    "email_on_unknown_outcome" "email_outcome_policy" NOT NULL DEFAULT 'RETRY',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organization_log" (
    "organization_id" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL DEFAULT 0,
    "pruned_to" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "organization_log_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "membership" (
    "organization_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "uid" TEXT NOT NULL,
    "kind" "membership_kind" NOT NULL DEFAULT 'PERSON',
    "role" "role" NOT NULL,
    "crm_access" BOOLEAN NOT NULL DEFAULT true,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "muted_kinds" "notification_kind"[] DEFAULT ARRAY[]::"notification_kind"[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "account" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "domain" TEXT,
    "owner_id" BIGINT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "creator_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "deletion_id" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "account_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "contact" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "first_name" TEXT,
    "last_name" TEXT,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "phone" TEXT,
    "account_id" BIGINT,
    "owner_id" BIGINT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "creator_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "deletion_id" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "contact_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "lead" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "first_name" TEXT,
    "last_name" TEXT,
    "name" TEXT NOT NULL,
    "company" TEXT,
    "email" TEXT,
    "phone" TEXT,
    "source" TEXT,
    "status" "lead_status" NOT NULL DEFAULT 'NEW',
    "converted_account_id" BIGINT,
    "converted_contact_id" BIGINT,
    "owner_id" BIGINT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "creator_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "deletion_id" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "lead_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "opportunity" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "account_id" BIGINT,
    "contact_id" BIGINT,
    "lead_id" BIGINT,
    "value" DECIMAL(65,30),
    "currency" TEXT,
    "status" "opportunity_status" NOT NULL DEFAULT 'OPEN',
    "close_date" DATE,
    "owner_id" BIGINT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "creator_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "deletion_id" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "opportunity_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "activity" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "account_id" BIGINT,
    "linked_type" "record_type",
    "contact_id" BIGINT,
    "lead_id" BIGINT,
    "opportunity_id" BIGINT,
    "type" "activity_type" NOT NULL DEFAULT 'CALL',
    "status" "activity_status" NOT NULL DEFAULT 'PENDING',
    "visibility" "activity_visibility" NOT NULL DEFAULT 'ORGANIZATION',
    "title" TEXT,
    "description" TEXT,
    "activity_timestamp" TIMESTAMPTZ(3) NOT NULL,
    "duration" INTEGER NOT NULL,
    "location" TEXT NOT NULL,
    "participants" JSONB NOT NULL DEFAULT '[]',
    "attachment_urls" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "direction" "direction",
    "thread_id" TEXT,
    "remote_phone" TEXT,
    "local_phone" TEXT,
    "creator_id" BIGINT NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "deletion_id" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "activity_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "pipeline" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "pipeline_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "stage" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "pipeline_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "color" TEXT NOT NULL,
    "sort_order" INTEGER NOT NULL,
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "is_won" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "stage_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "task" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "kind" "task_kind" NOT NULL DEFAULT 'LEAD',
    "type" "task_type" NOT NULL DEFAULT 'FOLLOW_UP',
    "category" "task_category",
    "status" "task_status" NOT NULL DEFAULT 'PENDING',
    "priority" "task_priority" NOT NULL DEFAULT 'LOW',
    "title" TEXT NOT NULL,
    "description" TEXT,
    "due_on" DATE,
    "due_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "completed_by_id" BIGINT,
    "status_before" "task_status",
    "stage_before_id" BIGINT,
    "outcome" TEXT,
    "linked_type" "record_type",
    "account_id" BIGINT,
    "contact_id" BIGINT,
    "lead_id" BIGINT,
    "opportunity_id" BIGINT,
    "activity_id" BIGINT,
    "assignee_id" BIGINT,
    "creator_id" BIGINT NOT NULL,
    "pipeline_id" BIGINT,
    "stage_id" BIGINT,
    "position" TEXT,
    "open_blockers" INTEGER NOT NULL DEFAULT 0,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "attachment_urls" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "is_queue_row" BOOLEAN NOT NULL DEFAULT false,
    "timeline_at" TIMESTAMPTZ(3) NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "deletion_id" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "task_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "event" (
    "organization_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" "event_kind" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_id" BIGINT NOT NULL,
    "actor_kind" "actor_kind" NOT NULL,
    "subject_type" "subject_type" NOT NULL,
    "subject_id" BIGINT NOT NULL,
    "subject_uid" TEXT NOT NULL,
    "changes" JSONB NOT NULL,
    "image_before" JSONB,
    "image_after" JSONB,

    CONSTRAINT "event_pkey" PRIMARY KEY ("organization_id","seq")
);

-- CreateTable
CREATE TABLE "notification" (
    "organization_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" "notification_kind" NOT NULL,
    "task_id" BIGINT,
    "task_uid" TEXT,
    "activity_id" BIGINT,
    "actor_id" BIGINT NOT NULL,
    "batch_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notification_pkey" PRIMARY KEY ("organization_id","user_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_uid_key" ON "user"("uid");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "organization_uid_key" ON "organization"("uid");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "membership_organization_id_uid_key" ON "membership"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_organization_id_uid_key" ON "api_key"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_organization_id_user_id_key" ON "api_key"("organization_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_organization_id_hash_key" ON "api_key"("organization_id", "hash");

-- CreateIndex
CREATE INDEX "account_contains" ON "account" USING GIN ("organization_id" int8_ops, "name" gin_trgm_ops, "domain" gin_trgm_ops);

-- CreateIndex
CREATE UNIQUE INDEX "account_organization_id_uid_key" ON "account"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "contact_organization_id_uid_key" ON "contact"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "lead_organization_id_uid_key" ON "lead"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "opportunity_organization_id_uid_key" ON "opportunity"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "activity_organization_id_uid_key" ON "activity"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "pipeline_organization_id_uid_key" ON "pipeline"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "stage_organization_id_uid_key" ON "stage"("organization_id", "uid");

-- CreateIndex
CREATE UNIQUE INDEX "stage_organization_id_pipeline_id_id_key" ON "stage"("organization_id", "pipeline_id", "id");

-- CreateIndex
CREATE INDEX "task_creator" ON "task"("organization_id", "creator_id", "id");

-- CreateIndex
CREATE INDEX "task_tags" ON "task" USING GIN ("organization_id" int8_ops, "tags" array_ops);

-- CreateIndex
CREATE UNIQUE INDEX "task_organization_id_uid_key" ON "task"("organization_id", "uid");

-- CreateIndex
CREATE INDEX "event_organization_id_subject_type_subject_id_seq_idx" ON "event"("organization_id", "subject_type", "subject_id", "seq");

-- CreateIndex
CREATE INDEX "notification_organization_id_seq_idx" ON "notification"("organization_id", "seq");

-- AddForeignKey
ALTER TABLE "organization_log" ADD CONSTRAINT "organization_log_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_organization_id_owner_id_fkey" FOREIGN KEY ("organization_id", "owner_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_organization_id_creator_id_fkey" FOREIGN KEY ("organization_id", "creator_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact" ADD CONSTRAINT "contact_organization_id_account_id_fkey" FOREIGN KEY ("organization_id", "account_id") REFERENCES "account"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact" ADD CONSTRAINT "contact_organization_id_owner_id_fkey" FOREIGN KEY ("organization_id", "owner_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact" ADD CONSTRAINT "contact_organization_id_creator_id_fkey" FOREIGN KEY ("organization_id", "creator_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "lead" ADD CONSTRAINT "lead_organization_id_converted_account_id_fkey" FOREIGN KEY ("organization_id", "converted_account_id") REFERENCES "account"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "lead" ADD CONSTRAINT "lead_organization_id_converted_contact_id_fkey" FOREIGN KEY ("organization_id", "converted_contact_id") REFERENCES "contact"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "lead" ADD CONSTRAINT "lead_organization_id_owner_id_fkey" FOREIGN KEY ("organization_id", "owner_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "lead" ADD CONSTRAINT "lead_organization_id_creator_id_fkey" FOREIGN KEY ("organization_id", "creator_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "opportunity" ADD CONSTRAINT "opportunity_organization_id_account_id_fkey" FOREIGN KEY ("organization_id", "account_id") REFERENCES "account"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "opportunity" ADD CONSTRAINT "opportunity_organization_id_contact_id_fkey" FOREIGN KEY ("organization_id", "contact_id") REFERENCES "contact"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "opportunity" ADD CONSTRAINT "opportunity_organization_id_lead_id_fkey" FOREIGN KEY ("organization_id", "lead_id") REFERENCES "lead"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "opportunity" ADD CONSTRAINT "opportunity_organization_id_owner_id_fkey" FOREIGN KEY ("organization_id", "owner_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "opportunity" ADD CONSTRAINT "opportunity_organization_id_creator_id_fkey" FOREIGN KEY ("organization_id", "creator_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_organization_id_account_id_fkey" FOREIGN KEY ("organization_id", "account_id") REFERENCES "account"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_organization_id_contact_id_fkey" FOREIGN KEY ("organization_id", "contact_id") REFERENCES "contact"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_organization_id_lead_id_fkey" FOREIGN KEY ("organization_id", "lead_id") REFERENCES "lead"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_organization_id_opportunity_id_fkey" FOREIGN KEY ("organization_id", "opportunity_id") REFERENCES "opportunity"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "activity" ADD CONSTRAINT "activity_organization_id_creator_id_fkey" FOREIGN KEY ("organization_id", "creator_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "stage" ADD CONSTRAINT "stage_organization_id_pipeline_id_fkey" FOREIGN KEY ("organization_id", "pipeline_id") REFERENCES "pipeline"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_account_id_fkey" FOREIGN KEY ("organization_id", "account_id") REFERENCES "account"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_contact_id_fkey" FOREIGN KEY ("organization_id", "contact_id") REFERENCES "contact"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_lead_id_fkey" FOREIGN KEY ("organization_id", "lead_id") REFERENCES "lead"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_opportunity_id_fkey" FOREIGN KEY ("organization_id", "opportunity_id") REFERENCES "opportunity"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_activity_id_fkey" FOREIGN KEY ("organization_id", "activity_id") REFERENCES "activity"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_pipeline_id_stage_id_fkey" FOREIGN KEY ("organization_id", "pipeline_id", "stage_id") REFERENCES "stage"("organization_id", "pipeline_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_assignee_id_fkey" FOREIGN KEY ("organization_id", "assignee_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_creator_id_fkey" FOREIGN KEY ("organization_id", "creator_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_organization_id_completed_by_id_fkey" FOREIGN KEY ("organization_id", "completed_by_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "event" ADD CONSTRAINT "event_organization_id_actor_id_fkey" FOREIGN KEY ("organization_id", "actor_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "notification" ADD CONSTRAINT "notification_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "notification" ADD CONSTRAINT "notification_organization_id_actor_id_fkey" FOREIGN KEY ("organization_id", "actor_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- Columns

-- Names sort as people expect on every host, whatever locale its database was created with. The same collation orders the
-- index, the list and the cursor. Every build of PostgreSQL with ICU has this one.
ALTER TABLE account ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE contact ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE lead ALTER COLUMN name TYPE text COLLATE "und-x-icu";
ALTER TABLE opportunity ALTER COLUMN name TYPE text COLLATE "und-x-icu";

-- A fractional index is compared as bytes, as TypeScript compares it.
ALTER TABLE task ALTER COLUMN position TYPE text COLLATE "C";

-- Prisma's lists are never null, but it leaves their columns nullable; and a CHECK on a null cardinality passes.
ALTER TABLE membership ALTER COLUMN muted_kinds SET NOT NULL;
ALTER TABLE account ALTER COLUMN tags SET NOT NULL;
ALTER TABLE contact ALTER COLUMN tags SET NOT NULL;
ALTER TABLE lead ALTER COLUMN tags SET NOT NULL;
ALTER TABLE opportunity ALTER COLUMN tags SET NOT NULL;
ALTER TABLE activity ALTER COLUMN tags SET NOT NULL, ALTER COLUMN attachment_urls SET NOT NULL;
ALTER TABLE task ALTER COLUMN tags SET NOT NULL, ALTER COLUMN attachment_urls SET NOT NULL;

-- Storage

-- One row an organization, updated by every write of it. Room on the page keeps its versions there (HOT), so that the
-- index never grows; vacuum comes by dead rows, not by share, works without naps, and does not lock the table to cut off its
-- end. Analyzing it would teach nothing and throw away the plans of every connection.
ALTER TABLE organization_log SET (
  fillfactor = 50,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_threshold = 1000000,
  vacuum_truncate = false
);

-- What must never be

ALTER TABLE "user"
  -- By ICU's rules, not those of the database's locale: in a Turkish one lower('I') is not 'i'.
  ADD CONSTRAINT user_email_is_lower_case CHECK (email = lower(email COLLATE "und-x-icu")),
  ADD CONSTRAINT user_system_has_no_email CHECK (NOT is_system OR email IS NULL);

ALTER TABLE organization_log
  ADD CONSTRAINT organization_log_pruned_within CHECK (pruned_to BETWEEN 0 AND last_seq);

ALTER TABLE event
  ADD CONSTRAINT event_seq_is_positive CHECK (seq > 0);

ALTER TABLE account
  ADD CONSTRAINT account_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
  ADD CONSTRAINT account_deletion_of_deleted CHECK (deletion_id IS NULL OR deleted_at IS NOT NULL);
ALTER TABLE contact
  ADD CONSTRAINT contact_deletion_of_deleted CHECK (deletion_id IS NULL OR deleted_at IS NOT NULL);
ALTER TABLE lead
  ADD CONSTRAINT lead_deletion_of_deleted CHECK (deletion_id IS NULL OR deleted_at IS NOT NULL);
ALTER TABLE opportunity
  ADD CONSTRAINT opportunity_deletion_of_deleted CHECK (deletion_id IS NULL OR deleted_at IS NOT NULL);

ALTER TABLE stage
  ADD CONSTRAINT stage_color_is_hex CHECK (color ~ '^#[0-9A-Fa-f]{6}$'),
  ADD CONSTRAINT stage_default_is_not_won CHECK (NOT (is_default AND is_won));

ALTER TABLE activity
  ADD CONSTRAINT activity_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
  ADD CONSTRAINT activity_description_size CHECK (octet_length(description) <= 32768),
  ADD CONSTRAINT activity_location_length CHECK (char_length(location) BETWEEN 1 AND 500),
  ADD CONSTRAINT activity_duration_range CHECK (duration BETWEEN 0 AND 10080),
  ADD CONSTRAINT activity_tags_count CHECK (cardinality(tags) <= 50),
  ADD CONSTRAINT activity_attachments_count CHECK (cardinality(attachment_urls) <= 20),
  ADD CONSTRAINT activity_active_is_not_deleted CHECK (is_active = (deleted_at IS NULL)),
  ADD CONSTRAINT activity_deletion_of_deleted CHECK (deletion_id IS NULL OR deleted_at IS NOT NULL),
  -- An activity has an account of its own beside its link; the other ids are only the link's.
  ADD CONSTRAINT activity_one_link CHECK (CASE linked_type
    WHEN 'ACCOUNT' THEN account_id IS NOT NULL AND num_nonnulls(contact_id, lead_id, opportunity_id) = 0
    WHEN 'CONTACT' THEN contact_id IS NOT NULL AND num_nonnulls(lead_id, opportunity_id) = 0
    WHEN 'LEAD' THEN lead_id IS NOT NULL AND num_nonnulls(contact_id, opportunity_id) = 0
    WHEN 'OPPORTUNITY' THEN opportunity_id IS NOT NULL AND contact_id IS NULL
    ELSE num_nonnulls(contact_id, lead_id, opportunity_id) = 0
  END);

ALTER TABLE task
  ADD CONSTRAINT task_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
  ADD CONSTRAINT task_description_size CHECK (octet_length(description) <= 32768),
  ADD CONSTRAINT task_tags_count CHECK (cardinality(tags) <= 50),
  ADD CONSTRAINT task_attachments_count CHECK (cardinality(attachment_urls) <= 20),
  ADD CONSTRAINT task_one_date CHECK (num_nonnulls(due_on, due_at) <= 1),
  ADD CONSTRAINT task_completed_has_instant CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
  ADD CONSTRAINT task_completed_has_person CHECK ((completed_at IS NULL) = (completed_by_id IS NULL)),
  ADD CONSTRAINT task_active_is_not_deleted CHECK (is_active = (deleted_at IS NULL)),
  ADD CONSTRAINT task_deletion_of_deleted CHECK (deletion_id IS NULL OR deleted_at IS NOT NULL),
  -- A foreign key with a null in it is not looked up: a stage without its pipeline would be any number.
  ADD CONSTRAINT task_place_is_whole CHECK (num_nulls(pipeline_id, stage_id, position) IN (0, 3)),
  ADD CONSTRAINT task_open_blockers_count CHECK (open_blockers >= 0),
  ADD CONSTRAINT task_version_is_positive CHECK (version >= 1),
  ADD CONSTRAINT task_queue_row_is_lead CHECK (NOT is_queue_row OR kind = 'LEAD'),
  -- One direct link; an id that the linked record cannot lead to is a second one.
  ADD CONSTRAINT task_one_link CHECK (CASE linked_type
    WHEN 'ACCOUNT' THEN account_id IS NOT NULL AND num_nonnulls(contact_id, lead_id, opportunity_id) = 0
    WHEN 'CONTACT' THEN contact_id IS NOT NULL AND num_nonnulls(lead_id, opportunity_id) = 0
    WHEN 'LEAD' THEN lead_id IS NOT NULL AND num_nonnulls(contact_id, opportunity_id) = 0
    WHEN 'OPPORTUNITY' THEN opportunity_id IS NOT NULL AND contact_id IS NULL
    ELSE num_nonnulls(account_id, contact_id, lead_id, opportunity_id) = 0
  END);

-- What there is one of

CREATE UNIQUE INDEX membership_one_assistant ON membership (organization_id) WHERE kind = 'ASSISTANT';
CREATE UNIQUE INDEX stage_one_default ON stage (organization_id, pipeline_id) WHERE is_default;
CREATE UNIQUE INDEX stage_one_won ON stage (organization_id, pipeline_id) WHERE is_won;

-- Lists of tasks

-- A list by date is three branches (days, instants, undated), each of open tasks, of closed ones, or of both as two
-- branches: one index serves a branch in either direction, since "is open" is a key of it. PostgreSQL finds that key only
-- in these two spellings, with these literals in this order:
--   (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')) IS TRUE
--   (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')) IS FALSE
-- (Without IS TRUE, PostgreSQL 15 does not; NOT and NOT IN are rewritten to <> ALL, which none finds.)
CREATE INDEX task_organization_due_on ON task (organization_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), due_on, id)
  WHERE due_on IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_organization_due_at ON task (organization_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), due_at, id)
  WHERE due_at IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_organization_undated ON task (organization_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), id)
  WHERE due_on IS NULL AND due_at IS NULL AND deleted_at IS NULL AND NOT is_queue_row;

CREATE INDEX task_assignee_due_on ON task (organization_id, assignee_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), due_on, id)
  WHERE due_on IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_assignee_due_at ON task (organization_id, assignee_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), due_at, id)
  WHERE due_at IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_assignee_undated ON task (organization_id, assignee_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), id)
  WHERE due_on IS NULL AND due_at IS NULL AND deleted_at IS NULL AND NOT is_queue_row;

-- A condition on account_id implies that it is not null; tasks of no account are found in the organization's.
CREATE INDEX task_account_due_on ON task (organization_id, account_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), due_on, id)
  WHERE account_id IS NOT NULL AND due_on IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_account_due_at ON task (organization_id, account_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), due_at, id)
  WHERE account_id IS NOT NULL AND due_at IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_account_undated ON task (organization_id, account_id, (status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')), id)
  WHERE account_id IS NOT NULL AND due_on IS NULL AND due_at IS NULL AND deleted_at IS NULL AND NOT is_queue_row;

-- By completion, and by the two dates that every task has.
CREATE INDEX task_organization_completed_at ON task (organization_id, completed_at, id)
  WHERE completed_at IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_assignee_completed_at ON task (organization_id, assignee_id, completed_at, id)
  WHERE completed_at IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_account_completed_at ON task (organization_id, account_id, completed_at, id)
  WHERE account_id IS NOT NULL AND completed_at IS NOT NULL AND deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_organization_created_at ON task (organization_id, created_at, id)
  WHERE deleted_at IS NULL AND NOT is_queue_row;
CREATE INDEX task_organization_updated_at ON task (organization_id, updated_at, id)
  WHERE deleted_at IS NULL AND NOT is_queue_row;

-- Narrow lists are gathered by one of these and sorted (so is task_creator, above). Deletion follows them too: all tasks.
CREATE INDEX task_contact ON task (organization_id, contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX task_lead ON task (organization_id, lead_id, id) WHERE lead_id IS NOT NULL;
CREATE INDEX task_opportunity ON task (organization_id, opportunity_id, id) WHERE opportunity_id IS NOT NULL;
CREATE INDEX task_stage ON task (organization_id, stage_id, id) WHERE stage_id IS NOT NULL;
CREATE INDEX task_activity ON task (organization_id, activity_id, id) WHERE activity_id IS NOT NULL;

-- Words, in lower case by ICU's rules: under the locale "C" the parser would lower ASCII only. A search says the same
-- expression @@ websearch_to_tsquery('simple', lower($2 COLLATE "und-x-icu")).
CREATE INDEX task_words ON task USING gin (
  organization_id,
  to_tsvector('simple', lower((title || ' ' || coalesce(description, '')) COLLATE "und-x-icu"))
);

-- Other lists

CREATE INDEX account_name ON account (organization_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX notification_unread ON notification (organization_id, user_id, seq) WHERE read_at IS NULL;
