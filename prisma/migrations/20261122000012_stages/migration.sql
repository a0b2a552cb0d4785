-- AlterTable
ALTER TABLE "pipeline" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "moved_to_id" BIGINT;

-- AlterTable
ALTER TABLE "stage" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "moved_to_id" BIGINT;

-- AddForeignKey
ALTER TABLE "pipeline" ADD CONSTRAINT "pipeline_organization_id_moved_to_id_fkey" FOREIGN KEY ("organization_id", "moved_to_id") REFERENCES "stage"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "stage" ADD CONSTRAINT "stage_organization_id_moved_to_id_fkey" FOREIGN KEY ("organization_id", "moved_to_id") REFERENCES "stage"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- Only what is deleted has tasks that are on their way elsewhere; and what is deleted has no role.
ALTER TABLE pipeline
  ADD CONSTRAINT pipeline_moved_is_deleted CHECK (moved_to_id IS NULL OR deleted_at IS NOT NULL);
ALTER TABLE stage
  ADD CONSTRAINT stage_moved_is_deleted CHECK (moved_to_id IS NULL OR deleted_at IS NOT NULL),
  ADD CONSTRAINT stage_deleted_has_no_role CHECK (deleted_at IS NULL OR NOT (is_default OR is_won));
