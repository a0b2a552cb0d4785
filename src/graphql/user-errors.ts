import { Conflict, Invalid, NotAllowed, NotFound, type Refusal } from '../refusals.ts';
import { builder } from './builder.ts';

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'Why a mutation changed nothing.',
  values: {
    INVALID: { description: 'The input is not acceptable as it is; `message` says what would be.' },
    NOT_FOUND: { description: 'There is no such thing, or the caller may not see it.' },
    NOT_ALLOWED: { description: 'The caller may see it, but not do this to it.' },
    CONFLICT: { description: 'Someone else changed it first, or its place is taken.' },
  },
});

/** What every refusal answers; specific types may say more. */
export const UserError = builder.interfaceRef<Refusal>('UserError').implement({
  description: 'A mistake that the caller can put right. Nothing was changed.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'One sentence for people.' }),
    code: t.field({ type: UserErrorCode, description: 'For programs.', resolve: ({ code }) => code }),
    path: t.stringList({
      description: 'Where in `input` the mistake is, such as `["patch", "date"]`; empty when it is in no single field.',
      resolve: ({ path }) => [...path],
    }),
  }),
});

const simple = (name: string, type: typeof Invalid | typeof NotFound | typeof NotAllowed, description: string) =>
  builder.objectType(type, { name, description, interfaces: [UserError], isTypeOf: (value) => value instanceof type });

simple('InvalidError', Invalid, 'The input is not acceptable as it is.');
simple('NotFoundError', NotFound, 'There is no such thing, or the caller may not see it.');
simple('NotAllowedError', NotAllowed, 'The caller may see it, but not do this to it.');

builder.objectType(Conflict, {
  name: 'ConflictError',
  description: 'Someone else changed it first, or its place is taken.',
  interfaces: [UserError],
  isTypeOf: (value) => value instanceof Conflict,
  fields: (t) => ({
    currentVersion: t.exposeInt('currentVersion', {
      nullable: true,
      description: 'The version to start again from; null when the conflict is not about versions.',
    }),
  }),
});
