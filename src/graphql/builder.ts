import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import type { TaskDate } from '../dates.ts';
import type PrismaTypes from '../db/generated/pothos.ts';
import { getDatamodel } from '../db/generated/pothos.ts';
import type { Context } from './context.ts';

interface SchemaTypes {
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    LocalDate: { Input: string; Output: string };
    TaskDate: { Input: TaskDate; Output: TaskDate };
    TimeZone: { Input: string; Output: string };
    Decimal: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
  };
}

/** Makes the schema. It knows no noun: each brings its own types and fields. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: (context) => context.runtime.db.prisma,
    dmmf: getDatamodel(),
    // Rows come from our own loaders: a field that would make Prisma read for itself is a mistake.
    onUnusedQuery: 'error',
  },
});

/** What the builder knows of itself, for helpers that are handed types. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Known> ? Known : never;

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({
  description:
    'Everything that can be changed. Each mutation is one transaction; what the caller can put right comes back in `errors`, and then nothing was changed.',
});
builder.subscriptionType({
  description:
    'What happens, as it happens: delivered at least once, in order and without a gap. Each event carries a `cursor`; give the last one as `after` when you connect again, and what you missed comes first.',
});
