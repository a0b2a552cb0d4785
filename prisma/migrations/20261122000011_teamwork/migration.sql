-- CreateTable
CREATE TABLE "comment" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "task_id" BIGINT,
    "activity_id" BIGINT,
    "body" TEXT NOT NULL,
    "author_id" BIGINT NOT NULL,
    "mention_ids" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "comment_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "task_watcher" (
    "organization_id" BIGINT NOT NULL,
    "task_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "is_watching" BOOLEAN NOT NULL,

    CONSTRAINT "task_watcher_pkey" PRIMARY KEY ("organization_id","task_id","user_id")
);

-- CreateTable
CREATE TABLE "task_blocker" (
    "organization_id" BIGINT NOT NULL,
    "task_id" BIGINT NOT NULL,
    "blocker_id" BIGINT NOT NULL,

    CONSTRAINT "task_blocker_pkey" PRIMARY KEY ("organization_id","task_id","blocker_id")
);

-- CreateTable
CREATE TABLE "reminder" (
    "organization_id" BIGINT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "uid" TEXT NOT NULL,
    "task_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3),
    "before" TEXT,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "reminder_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "comment_organization_id_uid_key" ON "comment"("organization_id", "uid");

-- CreateIndex
CREATE INDEX "task_blocker_blocks" ON "task_blocker"("organization_id", "blocker_id", "task_id");

-- CreateIndex
CREATE INDEX "reminder_task" ON "reminder"("organization_id", "task_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "reminder_organization_id_uid_key" ON "reminder"("organization_id", "uid");

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_organization_id_task_id_fkey" FOREIGN KEY ("organization_id", "task_id") REFERENCES "task"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_organization_id_activity_id_fkey" FOREIGN KEY ("organization_id", "activity_id") REFERENCES "activity"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "comment" ADD CONSTRAINT "comment_organization_id_author_id_fkey" FOREIGN KEY ("organization_id", "author_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task_watcher" ADD CONSTRAINT "task_watcher_organization_id_task_id_fkey" FOREIGN KEY ("organization_id", "task_id") REFERENCES "task"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task_watcher" ADD CONSTRAINT "task_watcher_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "membership"("organization_id", "user_id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task_blocker" ADD CONSTRAINT "task_blocker_organization_id_task_id_fkey" FOREIGN KEY ("organization_id", "task_id") REFERENCES "task"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "task_blocker" ADD CONSTRAINT "task_blocker_organization_id_blocker_id_fkey" FOREIGN KEY ("organization_id", "blocker_id") REFERENCES "task"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "reminder" ADD CONSTRAINT "reminder_organization_id_task_id_fkey" FOREIGN KEY ("organization_id", "task_id") REFERENCES "task"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- What Prisma cannot say

ALTER TABLE comment ALTER COLUMN mention_ids SET NOT NULL;
ALTER TABLE comment
  ADD CONSTRAINT comment_one_subject CHECK (num_nonnulls(task_id, activity_id) = 1),
  ADD CONSTRAINT comment_body_size CHECK (octet_length(body) BETWEEN 1 AND 32768),
  ADD CONSTRAINT comment_mentions_count CHECK (cardinality(mention_ids) <= 50);
ALTER TABLE task_blocker
  ADD CONSTRAINT task_blocker_is_another CHECK (task_id <> blocker_id);
ALTER TABLE reminder
  ADD CONSTRAINT reminder_one_time CHECK (num_nonnulls(at, before) = 1);

-- What was said, newest first.
CREATE INDEX comment_task ON comment (organization_id, task_id, created_at, id) WHERE task_id IS NOT NULL;
CREATE INDEX comment_activity ON comment (organization_id, activity_id, created_at, id) WHERE activity_id IS NOT NULL;
