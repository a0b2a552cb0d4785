-- AlterTable
ALTER TABLE "reminder" ADD COLUMN     "remind_at" TIMESTAMPTZ(3);

-- What Prisma cannot say

-- What is to be sent, the first due first.
CREATE INDEX reminder_due ON reminder (organization_id, remind_at, id) WHERE sent_at IS NULL AND remind_at IS NOT NULL;
