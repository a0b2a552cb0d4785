import { type GraphQLObjectType, getNamedType, isAbstractType, isObjectType } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { decodeId } from '../../src/ids.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { plantKinds } from '../task/kinds/planted.ts';
import { World } from '../task/world.ts';
import { argumentsOf, operationOf, ROOTS, schema, selectionOf } from './operations.ts';
import { type Founded, found } from './organizations.ts';

// Everything that can be reached from anywhere, Task twice on a way (its history tells of tasks), goes far beyond what
// callers may ask for at once.
const limits = {
  bodyBytes: 4_000_000,
  tokens: 500_000,
  aliases: 500_000,
  fields: 500_000,
  depth: 100,
  entries: 1e15,
  cachedTokens: 2_000_000,
};
const gateway = useGateway({ limits });
const DEEP = 5;
/** What hangs on a list's entries hangs on each of them by its id, too. */
const LISTS = 1;
const OF_ALL_DEEP = 3;
/** What no query leads to yet. */
const UNREACHED = ['the assistant’s membership'];
let a: Founded;
let b: Founded;
/** Asked once, for two tests. */
let asAdmin: Promise<string> | undefined;
beforeAll(async () => {
  a = await found(gateway(), 'alpha');
  b = await found(gateway(), 'beta');
  for (const each of [a, b]) await plantKinds(await worldOf(each));
});

/** An organization as a world in which tasks of all kinds can be planted: a person's, so that the assistant stays unreached. */
async function worldOf({ id, admin }: Founded): Promise<World> {
  const uid = decodeId(admin.userId)?.uid as string;
  const person = await gateway().app.runtime.db.prisma.user.findUniqueOrThrow({ where: { uid } });
  return Object.assign(Object.create(World.prototype), {
    gateway: gateway(),
    organization: { id, assistantId: person.id },
  });
}

/** Every ULID of an organization's rows, and of people who are in no other. */
async function uidsOf({ id }: Founded): Promise<Set<string>> {
  const { prisma } = gateway().app.runtime.db;
  const tables = await prisma.$queryRawUnsafe<{ name: string }[]>(
    `/* test.uids */ SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'uid'`,
  );
  const uids = new Set<string>();
  for (const { name } of tables) {
    const own = { user: 'id IN (SELECT user_id FROM membership WHERE organization_id = $1)', organization: 'id = $1' }[
      name
    ];
    const text = `/* test.uids */ SELECT uid FROM "${name}" WHERE ${own ?? 'organization_id = $1'}`;
    for (const { uid } of await prisma.$queryRawUnsafe<{ uid: string }[]>(text, id)) uids.add(uid);
  }
  return uids;
}

/** The ULIDs in a text, those inside its cursors among them. */
function uidsIn(text: string): Set<string> {
  const cursors = [...text.matchAll(/"([\w-]{20,})"/g)].map(([, cursor]) =>
    Buffer.from(cursor as string, 'base64url').toString('latin1'),
  );
  return new Set([text, ...cursors].flatMap((each) => each.match(/01[0-9A-HJKMNP-TV-Z]{24}/g) ?? []));
}

/** What shows most, of each list that does not show all by itself. */
const FILTERS: Readonly<Record<string, object>> = { TaskFilter: { _type: { any: true } }, ActivityFilter: {} };

/** All queries there are, each as deep as it goes, of one's own ids; all answers in one text. */
async function everything(caller: Caller, { admin, ids, tasks }: Founded): Promise<string> {
  const answers: string[] = [];
  const all = [...Object.values(ids), ...Object.values(tasks)];
  for (const root of ROOTS.filter(({ operation }) => operation === 'query')) {
    if (caller !== admin && !POLICY[root.name]?.roles.includes('VIEWER')) continue;
    const wanted = root.field.args.some(({ name }) => name === 'ids')
      ? [all]
      : root.field.args.some(({ name }) => name === 'id')
        ? all
        : [null];
    for (const id of wanted) {
      const given = argumentsOf(root, ([name]) => {
        // What records of both organizations are called.
        if (name === 'query') return 'acme';
        const filter = root.field.args.find((arg) => arg.name === 'filter' && name === 'filter');
        return filter && FILTERS[getNamedType(filter.type).name];
      });
      if (id !== null) given[Array.isArray(id) ? 'ids' : 'id'] = id;
      // Of a node's id only the type that it is of: of all types together the document would be endless.
      const isAbstract = isAbstractType(getNamedType(root.field.type));
      const named = typeof id === 'string' && isAbstract ? decodeId(id)?.type : undefined;
      // There are ids of what the schema does not know yet.
      const of = named && schema.getType(named) ? named : undefined;
      const type = of ? (schema.getType(of) as GraphQLObjectType) : root.field.type;
      const selection = selectionOf(type, isAbstract && !of ? OF_ALL_DEEP : DEEP, ['Task'], LISTS);
      const { query, variables } = operationOf(root, given, of ? `{ ... on ${of} ${selection} }` : selection);
      const answer = await gateway().send<object, object>(caller, query, variables);
      expect(answer.errors).toBeUndefined();
      answers.push(JSON.stringify(answer.data));
    }
  }
  return answers.join('\n');
}

const callers = ['admin', 'member', 'limited', 'viewer'] as const;
describe.each(callers)('all that can be reached as %s', (who) => {
  it('is of one’s own organization', async () => {
    const asking = everything(a[who], a);
    if (who === 'admin') asAdmin = asking;
    const text = await asking;
    const [ours, theirs] = [await uidsOf(a), await uidsOf(b)];
    const reached = uidsIn(text);
    expect([...reached].filter((uid) => theirs.has(uid))).toEqual([]);
    expect([...reached].filter((uid) => !ours.has(uid))).toEqual([]);
    expect(text).not.toContain('beta');
    expect(text).toContain('alpha');
    if (who !== 'admin') return;
    // The controls: an admin reaches whatever there is, and the other organization's would have been seen.
    expect([...ours].filter((uid) => !reached.has(uid))).toHaveLength(UNREACHED.length);
    expect([...uidsIn(await everything(b.admin, b))].filter((uid) => !theirs.has(uid))).toEqual([]);
    // Documents of megabytes: seconds alone, many beside other work.
  }, 60_000);
});

it('is every type that a query can give', async () => {
  const text = await (asAdmin ?? everything(a.admin, a));
  const reached = new Set([...text.matchAll(/"__typename":"(\w+)"/g)].map(([, name]) => name));
  const inQueries = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .map(({ name }) => name)
    // What only mutations and subscriptions give.
    .filter(
      (name) =>
        !/^(Query|Mutation|Subscription)$|Payload$|Error$|^(TaskAssigned|Notification)Event$|^TaskChange$/.test(name),
    );
  expect(inQueries.filter((name) => !reached.has(name))).toEqual([]);
});
