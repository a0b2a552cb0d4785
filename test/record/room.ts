import type { RecordType } from '../../src/db/generated/prisma/enums.ts';
import { newUid } from '../../src/ids.ts';
import type { Caller } from '../support/gateway.ts';
import type { Known, World } from '../task/world.ts';

export const TYPES = ['ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'] as const;

/** How the API names what it has of each kind of record, and what a new one must have. */
export const NOUNS = {
  ACCOUNT: { name: 'Account', one: 'account', many: 'accounts', least: { name: 'Acme' }, own: 'name domain' },
  CONTACT: {
    name: 'Contact',
    one: 'contact',
    many: 'contacts',
    least: { firstName: 'Ada' },
    own: 'firstName lastName email phone account { id }',
  },
  LEAD: {
    name: 'Lead',
    one: 'lead',
    many: 'leads',
    least: { firstName: 'Leo' },
    own: 'firstName lastName company email phone source status convertedAccount { id }',
  },
  OPPORTUNITY: {
    name: 'Opportunity',
    one: 'opportunity',
    many: 'opportunities',
    least: { name: 'Deal' },
    own: 'name account { id } contact { id } lead { id } value currency status closeDate',
  },
} as const;

const COMMON = 'id displayName owner { id } tags creator { id } createdAt updatedAt deletedAt version';

export interface Shown {
  readonly id: string;
  readonly displayName: string;
  readonly version: number;
  readonly deletedAt: string | null;
  readonly [field: string]: unknown;
}

export interface Answered {
  readonly record: Shown | null;
  readonly errors: readonly {
    readonly code: string;
    readonly path: readonly string[];
    readonly message: string;
    readonly currentVersion?: number;
  }[];
}

type Verb = 'create' | 'update' | 'delete' | 'restore';
const capital = (word: string) => `${word[0]?.toUpperCase()}${word.slice(1)}`;

/** Someone's writes to records, as a client sends them. */
export function recordsOf(world: World, caller: Caller) {
  const send = async (verb: Verb, type: RecordType, input: object): Promise<Answered> => {
    const { name, one, own } = NOUNS[type];
    const document = `mutation ($input: ${capital(verb)}${name}Input!) { answer: ${verb}${name}(input: $input) {
      record: ${one} { ${COMMON} ${own} } errors { code path message ... on ConflictError { currentVersion } } } }`;
    const { answer } = await world.gateway.ask<{ answer: Answered }, object>(caller, document, { input });
    if ((answer.record === null) !== answer.errors.length > 0) throw new Error('a record, or errors: one of the two');
    return answer;
  };
  return {
    send,
    create: (type: RecordType, input: object = NOUNS[type].least) => send('create', type, input),
    update: (type: RecordType, id: string, patch: object, expectedVersion?: number) =>
      send('update', type, { id, patch, ...(expectedVersion !== undefined && { expectedVersion }) }),
    remove: (type: RecordType, id: string, expectedVersion?: number) =>
      send('delete', type, { id, ...(expectedVersion !== undefined && { expectedVersion }) }),
    restore: (type: RecordType, id: string) => send('restore', type, { id }),
    /** The id of a new one, which must not be refused. */
    made: async (type: RecordType, input: object = {}): Promise<string> =>
      granted(await send('create', type, { ...NOUNS[type].least, ...input })).id,
  };
}

export function granted({ record, errors }: Answered): Shown {
  if (!record) throw new Error(JSON.stringify(errors));
  return record;
}

/** Where a mutation was refused and why: `INVALID patch.name`. */
export const refusals = ({ errors }: Answered): string[] =>
  errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());

export interface LoggedEvent {
  readonly kind: string;
  readonly subjectType: string;
  readonly subjectId: bigint;
  readonly actorId: bigint;
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[];
  readonly imageBefore: Readonly<Record<string, unknown>> | null;
  readonly imageAfter: Readonly<Record<string, unknown>> | null;
}

/** What the log was told by some work, in order. */
export async function told(world: World, work: () => Promise<unknown>): Promise<LoggedEvent[]> {
  const where = { organizationId: world.organization.id };
  const { lastSeq } = await world.prisma.organizationLog.findUniqueOrThrow({ where });
  await work();
  const rows = await world.prisma.event.findMany({
    where: { ...where, seq: { gt: lastSeq } },
    orderBy: { seq: 'asc' },
  });
  return rows as unknown as LoggedEvent[];
}

type Ids = { readonly [Field in 'accountId' | 'contactId' | 'leadId' | 'opportunityId']?: bigint };

/** Puts an activity there, as no mutation needs to be able to yet. */
export async function plantActivity(
  { prisma, organization }: World,
  linkedType: RecordType | null,
  ids: Ids,
  more: object = {},
): Promise<bigint> {
  const at = new Date('2026-01-01T00:00:00Z');
  const own = { organizationId: organization.id, uid: newUid(), creatorId: organization.assistantId };
  const when = { activityTimestamp: at, createdAt: at, updatedAt: at, duration: 5, location: 'Phone' };
  const { id } = await prisma.activity.create({ data: { ...own, ...when, linkedType, ...ids, ...more } });
  return id;
}

/** Puts a task there that is linked as it should be, or as it should not. */
export async function plantTask(
  world: World,
  linkedType: RecordType | null,
  ids: Ids,
  more: object = {},
): Promise<Known> {
  const [task] = (await world.tasks([{}])) as [Known];
  const { organization, prisma } = world;
  const where = { organizationId_id: { organizationId: organization.id, id: task.id } };
  await prisma.task.update({ where, data: { linkedType, ...ids, ...more } });
  return task;
}
