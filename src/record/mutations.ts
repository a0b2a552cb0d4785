import type { InputRef, ObjectRef } from '@pothos/core';
import type { Viewer } from '../auth/viewer.ts';
import { builder, type Types } from '../graphql/builder.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { Invalid, type Outcome, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import type { RecordNode } from './loaders.ts';
import { RECORD_TYPES, type RecordName } from './names.ts';
import type { RecordUpdate, Words, Written } from './write/service.ts';

/** The descriptions of fields that several inputs have. */
export const INPUTS = {
  owner: 'A User’s id: an active member who is a person.',
  tags: 'At most 50, each of 1 to 64 characters.',
  name: '1 to 255 characters.',
  text: 'At most 255 characters.',
  email: 'Such as `ada@acme.example`, at most 254 characters. Kept as it is written.',
  phone:
    'At most 64 characters, kept as it comes. Write it with + and the country code, such as `+1 415 555 0100`: calls and SMS are matched by it.',
} as const;

type Deed<Input> = (runtime: Runtime, viewer: Viewer, input: Input) => Promise<Outcome<Written>>;

/** What callers may send of some words: in a patch null, too, where we do not take it. */
type Sent<Words> = { readonly [Field in keyof Words]: Words[Field] | null | undefined };

interface RecordMutations<New, State> {
  readonly type: ObjectRef<Types, RecordNode>;
  readonly create: InputRef<Sent<New>>;
  readonly patch: InputRef<Sent<Words<State>>>;
  /** Fields that a patch cannot clear. */
  readonly notNull: readonly string[];
  readonly words: {
    readonly create: string;
    readonly remove: string;
    readonly restore: string;
  };
  readonly deeds: {
    readonly create: Deed<New>;
    readonly update: Deed<RecordUpdate<State>>;
    readonly remove: Deed<{ readonly id: string; readonly expectedVersion: number | null }>;
    readonly restore: Deed<{ readonly id: string }>;
  };
}

const given = <Words extends object>(words: Words): Words =>
  Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)) as Words;

/** Null clears a nullable field and empties the tags; on every other field it is a mistake. */
function toPatch<State>(patch: Sent<Words<State>>, notNull: readonly string[]) {
  const values = patch as Readonly<Record<string, unknown>>;
  const refusals = notNull
    .filter((field) => values[field] === null)
    .map((field) => new Invalid('This cannot be null.', ['patch', field]));
  return { refusals, patch: given({ ...values, ...(values['tags'] === null && { tags: [] }) }) as Words<State> };
}

/** Creating, changing, deleting and restoring one kind of record: their inputs, payloads and root fields. */
export function recordMutations<New extends object, State>(
  name: RecordName,
  { type, create, patch, notNull, words, deeds }: RecordMutations<New, State>,
): void {
  const what = name.toLowerCase();
  const version = `Refuses with CONFLICT unless the ${what} is at this version.`;
  const UpdateInput = builder.inputType(`Update${name}Input`, {
    description: `Which ${what}, and what to change on it.`,
    fields: (t) => ({
      id: t.id({ required: true }),
      expectedVersion: t.int({ description: version }),
      patch: t.field({ type: patch as InputRef<object>, required: true }),
    }),
  });
  const DeleteInput = builder.inputType(`Delete${name}Input`, {
    description: `Which ${what} to put into the bin.`,
    fields: (t) => ({ id: t.id({ required: true }), expectedVersion: t.int({ description: version }) }),
  });
  const RestoreInput = builder.inputType(`Restore${name}Input`, {
    description: `Which ${what} to take out of the bin.`,
    fields: (t) => ({ id: t.id({ required: true }) }),
  });
  const payload = (verb: string, description: string) =>
    payloadType<Written>(`${verb}${name}Payload`, {
      description,
      fields: (t) => ({
        [what]: t.field({
          type,
          nullable: true,
          description: 'Null when it was refused.',
          resolve: ({ value }, _args, { loaders }) =>
            value && (loaders.recordByUid('ALL')[RECORD_TYPES[name]].load(value.uid) as Promise<never>),
        }),
      }),
    });
  builder.mutationFields((t) => ({
    [`create${name}`]: t.field({
      type: payload('Create', `The new ${what}.`),
      description: `${words.create} Needs CRM access.`,
      args: { input: t.arg({ type: create as InputRef<object>, required: true, description: INPUT }) },
      resolve: (_root, { input }, { runtime, viewer }) =>
        deeds.create(runtime, viewer, given(input as Sent<New>) as New),
    }),
    [`update${name}`]: t.field({
      type: payload('Update', `The changed ${what}.`),
      description: `Changes a${/^[aeiou]/.test(what) ? 'n' : ''} ${what}. A change that changes nothing makes no new version. Needs CRM access.`,
      args: { input: t.arg({ type: UpdateInput, required: true, description: INPUT }) },
      resolve: (_root, { input }, { runtime, viewer }) => {
        const { id, expectedVersion } = input;
        const { refusals, patch } = toPatch(input.patch as Sent<Words<State>>, notNull);
        if (refusals.length > 0) return refused(...refusals);
        return deeds.update(runtime, viewer, { id, expectedVersion: expectedVersion ?? null, patch });
      },
    }),
    [`delete${name}`]: t.field({
      type: payload('Delete', `The ${what} in the bin.`),
      description: `${words.remove} Each is deleted for good after 90 days there (a setting), once nothing refers to it. Needs CRM access.`,
      args: { input: t.arg({ type: DeleteInput, required: true, description: INPUT }) },
      resolve: (_root, { input: { id, expectedVersion } }, { runtime, viewer }) =>
        deeds.remove(runtime, viewer, { id, expectedVersion: expectedVersion ?? null }),
    }),
    [`restore${name}`]: t.field({
      type: payload('Restore', `The ${what} as it is again.`),
      description: `${words.restore} A task stays in the bin whose place another open one has taken meanwhile: an INCOMING_EMAIL of the same thread, an OPPORTUNITY_DUE of the same opportunity. One that is not deleted stays as it is. Needs CRM access.`,
      args: { input: t.arg({ type: RestoreInput, required: true, description: INPUT }) },
      resolve: (_root, { input: { id } }, { runtime, viewer }) => deeds.restore(runtime, viewer, { id }),
    }),
  }));
}
