-- CreateEnum
CREATE TYPE "recording" AS ENUM ('CALL', 'EMAIL', 'SMS');

-- AlterTable
ALTER TABLE "activity" ADD COLUMN     "external_id" TEXT,
ADD COLUMN     "recording" "recording",
ADD COLUMN     "voicemail_duration" INTEGER,
ADD COLUMN     "voicemail_url" TEXT;

-- AlterTable
ALTER TABLE "contact" ADD COLUMN     "email_key" TEXT,
ADD COLUMN     "phone_key" TEXT;

-- AlterTable
ALTER TABLE "lead" ADD COLUMN     "email_key" TEXT,
ADD COLUMN     "phone_key" TEXT;

-- AlterTable
ALTER TABLE "opportunity" ADD COLUMN     "due_task_for" DATE;

-- AlterTable
ALTER TABLE "task" ADD COLUMN     "thread_id" TEXT;

-- CreateTable
CREATE TABLE "task_email" (
    "organization_id" BIGINT NOT NULL,
    "task_id" BIGINT NOT NULL,
    "activity_id" BIGINT NOT NULL,

    CONSTRAINT "task_email_pkey" PRIMARY KEY ("organization_id","task_id","activity_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "task_email_organization_id_activity_id_key" ON "task_email"("organization_id", "activity_id");

-- CreateIndex
CREATE UNIQUE INDEX "activity_recorded_once" ON "activity"("organization_id", "recording", "external_id");

-- AddForeignKey
ALTER TABLE "task_email" ADD CONSTRAINT "task_email_organization_id_task_id_fkey" FOREIGN KEY ("organization_id", "task_id") REFERENCES "task"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task_email" ADD CONSTRAINT "task_email_organization_id_activity_id_fkey" FOREIGN KEY ("organization_id", "activity_id") REFERENCES "activity"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- What Prisma cannot say

ALTER TABLE activity
  ADD CONSTRAINT activity_recording_is_whole CHECK ((recording IS NULL) = (external_id IS NULL)),
  ADD CONSTRAINT activity_recording_has_direction CHECK (recording IS NULL OR direction IS NOT NULL),
  ADD CONSTRAINT activity_voicemail_is_whole CHECK ((voicemail_duration IS NULL) = (voicemail_url IS NULL)),
  ADD CONSTRAINT activity_voicemail_of_call CHECK (voicemail_url IS NULL OR COALESCE(recording = 'CALL', false)),
  ADD CONSTRAINT activity_voicemail_duration CHECK (voicemail_duration >= 0);
ALTER TABLE task
  ADD CONSTRAINT task_thread_of_email CHECK (thread_id IS NULL OR kind IN ('INCOMING_EMAIL', 'EMAIL_FOLLOWUP'));

-- A thread has one open INCOMING_EMAIL, and an opportunity one open OPPORTUNITY_DUE: that of its close date.
CREATE UNIQUE INDEX task_open_email ON task (organization_id, thread_id)
  WHERE kind = 'INCOMING_EMAIL' AND status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD') AND deleted_at IS NULL;
CREATE UNIQUE INDEX task_open_due ON task (organization_id, opportunity_id)
  WHERE kind = 'OPPORTUNITY_DUE' AND status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD') AND deleted_at IS NULL;

-- A thread's follow-ups, and its e-mails in the order of their time.
CREATE INDEX task_thread ON task (organization_id, thread_id, id) WHERE thread_id IS NOT NULL;
CREATE INDEX activity_thread ON activity (organization_id, thread_id, activity_timestamp, id) WHERE thread_id IS NOT NULL;

-- Who calls or writes, the most recently updated first.
CREATE INDEX contact_phone ON contact (organization_id, phone_key, updated_at, id)
  WHERE phone_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contact_email ON contact (organization_id, email_key, updated_at, id)
  WHERE email_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX lead_phone ON lead (organization_id, phone_key, updated_at, id)
  WHERE phone_key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX lead_email ON lead (organization_id, email_key, updated_at, id)
  WHERE email_key IS NOT NULL AND deleted_at IS NULL;

-- As src/addresses.ts does, but for what only its library can read: a national number's prefix in an international one. Those
-- are put right when someone next writes to them.
UPDATE contact SET email_key = lower(btrim(email) COLLATE "und-x-icu"),
  phone_key = NULLIF(regexp_replace(regexp_replace(phone, '^\s*00', ''), '\D', '', 'g'), '');
UPDATE lead SET email_key = lower(btrim(email) COLLATE "und-x-icu"),
  phone_key = NULLIF(regexp_replace(regexp_replace(phone, '^\s*00', ''), '\D', '', 'g'), '');

-- Opportunities whose OPPORTUNITY_DUE has still to be made, once their close date has come.
CREATE INDEX opportunity_due ON opportunity (organization_id, close_date, id)
  WHERE status = 'OPEN' AND deleted_at IS NULL AND close_date IS NOT NULL AND close_date IS DISTINCT FROM due_task_for;

-- What retention deletes: what is complete and of any kind but LEAD, by its completion, and the bin by its age.
CREATE INDEX task_retained ON task (organization_id, completed_at, id)
  WHERE kind <> 'LEAD' AND completed_at IS NOT NULL AND NOT is_queue_row;
CREATE INDEX task_binned ON task (organization_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Every organization makes what is due once a day, and once a day deletes what is kept no longer.
INSERT INTO job (organization_id, kind, due_at)
SELECT id, kind, now() + random() * interval '1 hour' FROM organization, (VALUES ('opportunity.due'), ('task.retention')) k(kind);
UPDATE organization_work w SET next_due_at = LEAST(w.next_due_at, (
  SELECT min(j.due_at) FROM job j WHERE j.organization_id = w.organization_id));
