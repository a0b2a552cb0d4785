import { getNamedType, isAbstractType } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY, permits, type Rule } from '../../src/auth/policy.ts';
import { decodeId, encodeId, uidOf } from '../../src/ids.ts';
import { useGateway } from '../support/gateway.ts';
import { argumentsOf, operationOf, ROOTS, type Root, selectionOf } from './operations.ts';
import { type Founded, found, newActivity, newTask } from './organizations.ts';

// Who sees what: every query that there is, asked by people and keys of every role, with CRM access and without. What may
// be seen is worked out by the test for itself, from the rows. A field that is added is asked without anyone thinking of it.

const KINDS = (['ADMIN', 'MEMBER', 'VIEWER'] as const).flatMap((role) =>
  [true, false].flatMap((crmAccess) => (['PERSON', 'API_KEY'] as const).map((of) => ({ role, crmAccess, of }))),
);
type Kind = (typeof KINDS)[number];
const nameOf = ({ role, crmAccess, of }: Kind) => `${role} ${crmAccess ? 'with' : 'without'} access ${of}`;

const limits = { bodyBytes: 4_000_000, tokens: 500_000, aliases: 500_000, fields: 500_000, depth: 100, entries: 1e15 };
const gateway = useGateway({ limits });
let house: Founded;
interface Asker {
  readonly userId: bigint;
  readonly credentials: Readonly<Record<string, string>>;
  /** A task that they have created, and the contact that it is about. */
  readonly own: { readonly task: string; readonly contact: string };
}
const askers = new Map<string, Asker>();

const db = () => gateway().app.runtime.db.prisma;
const here = () => ({ organizationId: house.id });
const uid = (id: string) => decodeId(id)?.uid as string;
const send = async <Answer>(document: string, input: object) =>
  (await gateway().ask<{ answer: Answer }, object>(house.admin, document, { input })).answer;

async function join(kind: Kind): Promise<Omit<Asker, 'own'>> {
  const name = nameOf(kind);
  if (kind.of === 'PERSON') {
    const email = `${name.replaceAll(' ', '.').toLowerCase()}@alpha.example`;
    const assistant = await db().membership.findFirstOrThrow({ where: { ...here(), kind: 'ASSISTANT' } });
    const caller = await gateway().member({ id: house.id, assistantId: assistant.userId }, { email, ...kind });
    const { id } = await db().user.findUniqueOrThrow({ where: { uid: uidOf('User', caller.userId) as string } });
    return { userId: id, credentials: { authorization: `Bearer ${caller.token}` } };
  }
  const { secret } = await send<{ secret: string }>(
    'mutation ($input: CreateApiKeyInput!) { answer: createApiKey(input: $input) { secret } }',
    { name, role: kind.role, crmAccess: kind.crmAccess },
  );
  const { id: userId } = await db().user.findFirstOrThrow({ where: { name } });
  return { userId, credentials: { 'x-api-key': secret } };
}

beforeAll(async () => {
  house = await found(gateway(), 'alpha');
  const activities: bigint[] = [];
  for (const kind of KINDS) {
    const asker = await join(kind);
    const { uid: contact } = await db().contact.create({
      data: {
        ...{ ...here(), uid: uid(house.ids.Contact).slice(0, 24) + String(askers.size).padStart(2, '0') },
        ...{ name: `alpha ${nameOf(kind)}`, creatorId: asker.userId, createdAt: new Date(), updatedAt: new Date() },
      },
    });
    const key = encodeId('Contact', contact);
    const { task } = await send<{ task: { id: string } }>(
      'mutation ($input: CreateTaskInput!) { answer: createTask(input: $input) { task { id } } }',
      { title: 'alpha', linkedRecordId: key },
    );
    // One private activity of theirs, and one that they take part in, each with a task of theirs that names it.
    const own = { visibility: 'PRIVATE', creatorId: asker.userId, participants: [] } as const;
    const shared = { visibility: 'PRIVATE', participants: [{ userId: Number(asker.userId) }] } as const;
    for (const data of [own, shared]) {
      const activity = await newActivity(gateway(), house);
      const where = { organizationId_uid: { ...here(), uid: uid(activity) } };
      activities.push((await db().activity.update({ where, data: data as never })).id);
    }
    await db().task.update({
      where: { organizationId_uid: { ...here(), uid: uid(task.id) } },
      data: { creatorId: asker.userId, activityId: activities.at(-1) as bigint },
    });
    askers.set(nameOf(kind), { ...asker, own: { task: task.id, contact: key } });
  }
  // Each has a task, too, that names somebody else's private activity: they see the one and not the other.
  for (const [index, { userId }] of [...askers.values()].entries()) {
    const task = await newTask(gateway(), house);
    await db().task.update({
      where: { organizationId_uid: { ...here(), uid: uid(task) } },
      data: { creatorId: userId, activityId: activities.at(2 * index - 1) as bigint },
    });
  }
});

const TABLES = {
  task: 'Task',
  account: 'Account',
  contact: 'Contact',
  lead: 'Lead',
  opportunity: 'Opportunity',
} as const;

/** The ids of what an asker may see and of what they may not, of tasks, records, activities and keys: by the rows alone. */
async function sightOf({ role, crmAccess }: Kind, { userId }: Asker) {
  const tasks = await db().task.findMany({ where: here() });
  const mine = tasks.filter((task) => crmAccess || task.creatorId === userId || task.assigneeId === userId);
  const sees = new Set<string>();
  const all = new Set<string>();
  const put = (type: Parameters<typeof encodeId>[0], rowUid: string, may: boolean) => {
    all.add(encodeId(type, rowUid));
    if (may) sees.add(encodeId(type, rowUid));
  };
  for (const [table, type] of Object.entries(TABLES)) {
    const rows = await (db()[table as 'task'].findMany({ where: here() }) as Promise<{ id: bigint; uid: string }[]>);
    const named = new Set(mine.map((task) => (table === 'task' ? task.id : task[`${table}Id` as 'accountId'])));
    for (const row of rows) put(type, row.uid, (crmAccess && table !== 'task') || named.has(row.id));
  }
  const named = new Set(mine.map(({ activityId }) => activityId));
  for (const row of await db().activity.findMany({ where: here() })) {
    const people = row.participants as { userId?: number }[];
    const isOpen = row.visibility === 'ORGANIZATION' || row.creatorId === userId;
    const may = isOpen || people.some((person) => person.userId === Number(userId));
    put('Activity', row.uid, may && (crmAccess || named.has(row.id)));
  }
  for (const key of await db().apiKey.findMany({ where: here() })) put('ApiKey', key.uid, role === 'ADMIN');
  return { sees, hidden: new Set([...all].filter((id) => !sees.has(id))) };
}

/** What ids an answer holds, those within cursors among them. */
function idsIn(text: string, known: ReadonlySet<string>): string[] {
  const cursors = [...text.matchAll(/"([\w-]{20,})"/g)].map(([, cursor]) =>
    Buffer.from(cursor as string, 'base64url').toString('latin1'),
  );
  const uids = new Set([text, ...cursors].flatMap((each) => each.match(/01[0-9A-HJKMNP-TV-Z]{24}/g) ?? []));
  return [...known].filter((id) => uids.has(uid(id)));
}

/** Every way to ask a field, as far as it matters to what is seen: with each id, with what shows most. */
function callsOf(root: Root, ids: readonly string[]): Record<string, unknown>[] {
  const given = argumentsOf(root, ([name]) => {
    const arg = root.field.args.find((each) => each.name === name);
    const type = arg && getNamedType(arg.type).name;
    if (type === 'TaskFilter') return { _type: { any: true }, deleted: 'INCLUDE' };
    if (type === 'ActivityFilter' || type === 'DeletedFilter')
      return type === 'DeletedFilter' ? 'INCLUDE' : { deleted: 'INCLUDE' };
    return name === 'query' ? 'alpha' : name === 'first' ? 50 : undefined;
  });
  const takes = (name: string) => root.field.args.some((arg) => arg.name === name);
  if (takes('ids')) return [{ ...given, ids }];
  if (!takes('id')) return [given];
  const type = getNamedType(root.field.type);
  const of = isAbstractType(type)
    ? ids.filter((_, index) => index % 7 === 0)
    : ids.filter((id) => decodeId(id)?.type === type.name);
  return of.map((id) => ({ ...given, id }));
}

const QUERIES = ROOTS.filter(({ operation }) => operation === 'query');

describe.each(KINDS)('$role, CRM access: $crmAccess, $of', (kind) => {
  it('sees by every query what is theirs to see, and nothing else', async () => {
    const asker = askers.get(nameOf(kind)) as Asker;
    const { sees, hidden } = await sightOf(kind, asker);
    expect(hidden.size).toBeGreaterThan(10);
    const reached = new Set<string>();
    for (const root of QUERIES) {
      const others = [
        house.ids.Pipeline,
        house.ids.Stage,
        house.ids.User,
        house.ids.Membership,
        house.ids.Organization,
      ];
      for (const call of callsOf(root, [...sees, ...hidden, ...others])) {
        const deep = isAbstractType(getNamedType(root.field.type)) || 'id' in call ? 1 : 2;
        const { query, variables } = operationOf(root, call, selectionOf(root.field.type, deep, [], 1));
        const { data, errors } = await gateway().send<object, object>(null, query, variables, asker.credentials);
        if (!permits(POLICY[root.name] as Rule, kind)) {
          expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
          continue;
        }
        expect(errors, root.name).toBeUndefined();
        const text = JSON.stringify(data);
        // A lookup answers nothing at all of what is hidden.
        if (hidden.has(call['id'] as string))
          expect(Object.values(data ?? {}), `${root.name} ${call['id']}`).toEqual([null]);
        expect(idsIn(text, hidden), root.name).toEqual([]);
        for (const id of idsIn(text, sees)) reached.add(id);
      }
    }
    // The control: whatever they may see, they do reach.
    expect([...sees].filter((id) => !reached.has(id))).toEqual([]);
    expect(sees).toContain(asker.own.task);
    expect(sees).toContain(asker.own.contact);
  });
});
