import type { FieldMap } from '@pothos/core';
import type { Outcome, Refusal } from '../refusals.ts';
import { builder, type Types } from './builder.ts';
import { UserError } from './user-errors.ts';

/** The description of every mutation's one argument. */
export const INPUT = 'All that the mutation is told.';

interface PayloadOptions<Value> {
  readonly description: string;
  readonly fields: (t: PothosSchemaTypes.ObjectFieldBuilder<Types, Outcome<Value>>) => FieldMap;
}

/** What a mutation answers: the fields of its value, null when it was refused, and `errors`. */
export const payloadType = <Value>(name: string, { description, fields }: PayloadOptions<Value>) =>
  builder.objectRef<Outcome<Value>>(name).implement({
    description,
    fields: (t) => ({
      ...fields(t),
      errors: t.field({
        type: [UserError],
        description: 'Why nothing was changed; empty when it was.',
        resolve: ({ refusals }) => refusals as readonly Refusal[],
      }),
    }),
  });
