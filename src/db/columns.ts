import { Prisma } from './generated/prisma/client.ts';

const FIELDS = {
  Account: Prisma.AccountScalarFieldEnum,
  Activity: Prisma.ActivityScalarFieldEnum,
  ApiKey: Prisma.ApiKeyScalarFieldEnum,
  Comment: Prisma.CommentScalarFieldEnum,
  Contact: Prisma.ContactScalarFieldEnum,
  Event: Prisma.EventScalarFieldEnum,
  Lead: Prisma.LeadScalarFieldEnum,
  Opportunity: Prisma.OpportunityScalarFieldEnum,
  Organization: Prisma.OrganizationScalarFieldEnum,
  Pipeline: Prisma.PipelineScalarFieldEnum,
  Reminder: Prisma.ReminderScalarFieldEnum,
  Stage: Prisma.StageScalarFieldEnum,
  Task: Prisma.TaskScalarFieldEnum,
  User: Prisma.UserScalarFieldEnum,
} as const;

const snake = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A model's columns under its fields' names, `t.due_on AS "dueOn", …`: raw SQL then gives the rows that Prisma would. */
export const columnsOf = (model: keyof typeof FIELDS, alias: string, without: readonly string[] = []): string =>
  Object.keys(FIELDS[model])
    .filter((field) => !without.includes(field))
    .map((field) => `${alias}.${snake(field)} AS "${field}"`)
    .join(', ');
