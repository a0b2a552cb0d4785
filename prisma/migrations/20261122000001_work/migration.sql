-- What is due, and for whom (src/work): the tables as Prisma's engine writes them, then what Prisma cannot say.

-- CreateEnum
CREATE TYPE "job_state" AS ENUM ('SCHEDULED', 'FAILED');

-- CreateTable
CREATE TABLE "organization_work" (
    "organization_id" BIGINT NOT NULL,
    "next_due_at" TIMESTAMPTZ(3),
    "last_served_at" TIMESTAMPTZ(3),

    CONSTRAINT "organization_work_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "job" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL DEFAULT '',
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lease" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "rescheduled" BOOLEAN NOT NULL DEFAULT false,
    "state" "job_state" NOT NULL DEFAULT 'SCHEDULED',
    "error_code" TEXT,
    "error_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "job_organization_id_kind_key_key" ON "job"("organization_id", "kind", "key");

-- AddForeignKey
ALTER TABLE "organization_work" ADD CONSTRAINT "organization_work_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- Storage

-- As organization_log: one row an organization, written by every batch of work. It has no index but its key, or its updates
-- would not stay on their page; who is due is found by reading it, one narrow row an organization.
ALTER TABLE organization_work SET (
  fillfactor = 50,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_threshold = 1000000,
  vacuum_truncate = false
);

-- A queue: nearly all that was ever in it is dead, and every claim steps over what has not been vacuumed.
ALTER TABLE job SET (
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_cost_delay = 0
);

-- What must never be

ALTER TABLE job
  ADD CONSTRAINT job_attempts_count CHECK (attempts >= 0),
  ADD CONSTRAINT job_lease_is_whole CHECK ((lease IS NULL) = (leased_until IS NULL)),
  ADD CONSTRAINT job_rescheduled_while_leased CHECK (NOT rescheduled OR lease IS NOT NULL),
  ADD CONSTRAINT job_error_is_whole CHECK ((error_code IS NULL) = (error_message IS NULL)),
  ADD CONSTRAINT job_failed_has_error CHECK (state <> 'FAILED' OR error_code IS NOT NULL),
  ADD CONSTRAINT job_failed_has_no_lease CHECK (state <> 'FAILED' OR lease IS NULL);

-- What can be claimed: what is due and nobody's, and what somebody has lost.
CREATE INDEX job_due ON job (organization_id, due_at, id) WHERE state = 'SCHEDULED' AND lease IS NULL;
CREATE INDEX job_leased ON job (organization_id, leased_until, id) WHERE lease IS NOT NULL;

-- Every organization's log is pruned, once a day; those that exist begin at some time of the next one.

INSERT INTO job (organization_id, kind, due_at)
SELECT id, 'log.prune', now() + random() * interval '1 day' FROM organization;

INSERT INTO organization_work (organization_id, next_due_at)
SELECT organization_id, min(due_at) FROM job GROUP BY organization_id;
