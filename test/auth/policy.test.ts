import { buildSchema, parse, subscribe } from 'graphql';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { POLICY, type Policy, permits, type Rule } from '../../src/auth/policy.ts';
import { enforcePolicy } from '../../src/graphql/enforce-policy.ts';
import { argumentsOf, operationOf, ROOTS, type Root, selectionOf } from '../isolation/operations.ts';
import { digest } from '../isolation/organizations.ts';
import { type Caller, useGateway } from '../support/gateway.ts';

const ROLES = ['ADMIN', 'MEMBER', 'VIEWER'] as const;
const CALLERS = ROLES.flatMap((role) => [true, false].map((crmAccess) => ({ role, crmAccess })));
type Kind = (typeof CALLERS)[number];
const nameOf = ({ role, crmAccess }: Kind) => `${role}${crmAccess ? '' : ' without CRM access'}`;

const gateway = useGateway();
const callers = new Map<string, Caller>();
/** By the same names: keys of API that were given the same role and access. */
const keys = new Map<string, string>();
beforeAll(async () => {
  const organization = await gateway().organization('A');
  for (const kind of CALLERS) {
    const email = `${nameOf(kind).replaceAll(' ', '.').toLowerCase()}@a.example`;
    callers.set(nameOf(kind), await gateway().member(organization, { email, ...kind }));
  }
  for (const kind of CALLERS) {
    const { createApiKey } = await gateway().ask<{ createApiKey: { secret: string } }, object>(
      callers.get('ADMIN') as Caller,
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
      { input: { name: nameOf(kind), ...kind } },
    );
    keys.set(nameOf(kind), createApiKey.secret);
  }
});

const aborts: AbortController[] = [];
afterEach(() => {
  for (const abort of aborts.splice(0)) abort.abort();
});

/** Asks with the least that the schema accepts; gives the first error. A subscription is asked for as a stream. */
async function ask(
  root: Root,
  credentials: Readonly<Record<string, string>>,
): Promise<{ readonly code?: string; readonly message?: string }> {
  const accept = `${root.operation === 'subscription' ? 'text/event-stream, ' : ''}application/graphql-response+json`;
  const abort = new AbortController();
  const operation = operationOf(
    root,
    argumentsOf(root, () => undefined),
    selectionOf(root.field.type, 0),
  );
  const response = await fetch(gateway().url, {
    method: 'POST',
    signal: abort.signal,
    headers: { 'content-type': 'application/json', accept, ...credentials },
    body: JSON.stringify(operation),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    aborts.push(abort);
    return {};
  }
  const { errors } = (await response.json()) as { errors?: { message: string; extensions: { code: string } }[] };
  return errors?.[0] ? { code: errors[0].extensions.code, message: errors[0].message } : {};
}

describe.each(CALLERS)('$role (CRM access: $crmAccess)', (kind) => {
  it.each(ROOTS.map((root) => [root.name, root] as const))(
    'may use %s exactly if the policy says so',
    async (name, root) => {
      const rule = POLICY[name];
      const may = rule?.roles.includes(kind.role) && (rule.crmAccess !== true || kind.crmAccess);
      const caller = callers.get(nameOf(kind)) as Caller;
      const before = may ? null : await digest(gateway());
      gateway().statements.length = 0;
      const { code, message } = await ask(root, { authorization: `Bearer ${caller.token}` });
      expect(code === 'FORBIDDEN').toBe(!may);
      expect(code).not.toBe('INTERNAL_SERVER_ERROR');
      if (may) return;
      expect(message).toBe(`You may not use ${name}.`);
      // Nothing was done but to see who is calling.
      expect(gateway().statements.map(({ text }) => text.split(' ')[1])).toEqual(['auth.standingsByUser']);
      expect(await digest(gateway())).toEqual(before);
    },
  );

  it.each(ROOTS.map((root) => [root.name, root] as const))(
    'may use %s with an API key just as well',
    async (name, root) => {
      gateway().statements.length = 0;
      const { code } = await ask(root, { 'x-api-key': keys.get(nameOf(kind)) as string });
      expect(code === 'FORBIDDEN').toBe(!permits(POLICY[name] as Rule, kind));
      expect(code).not.toBe('INTERNAL_SERVER_ERROR');
      if (code === 'FORBIDDEN') {
        expect(gateway().statements.map(({ text }) => text.split(' ')[1])).toEqual(['auth.standingByKey']);
      }
    },
  );
});

it('who may use what', () => {
  const table = Object.entries(POLICY).map(([name, rule]) => {
    const who = CALLERS.filter((kind) => permits(rule, kind)).map(nameOf);
    return `${name}: ${who.length === CALLERS.length ? 'everyone' : who.join(', ')}`;
  });
  expect(table.toSorted()).toMatchInlineSnapshot(`
    [
      "Mutation.addBlocker: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.addComment: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.addStage: ADMIN, MEMBER",
      "Mutation.bulkUpdateTasks: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.completeActivity: ADMIN, MEMBER",
      "Mutation.completeTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.convertLead: ADMIN, MEMBER",
      "Mutation.createAccount: ADMIN, MEMBER",
      "Mutation.createActivity: ADMIN, MEMBER",
      "Mutation.createApiKey: ADMIN, ADMIN without CRM access",
      "Mutation.createContact: ADMIN, MEMBER",
      "Mutation.createLead: ADMIN, MEMBER",
      "Mutation.createOpportunity: ADMIN, MEMBER",
      "Mutation.createPipeline: ADMIN, MEMBER",
      "Mutation.createTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.deleteAccount: ADMIN, MEMBER",
      "Mutation.deleteActivity: ADMIN, MEMBER",
      "Mutation.deleteContact: ADMIN, MEMBER",
      "Mutation.deleteLead: ADMIN, MEMBER",
      "Mutation.deleteOpportunity: ADMIN, MEMBER",
      "Mutation.deletePipeline: ADMIN, MEMBER",
      "Mutation.deleteStage: ADMIN, MEMBER",
      "Mutation.deleteTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.escalateTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.markNotificationsRead: everyone",
      "Mutation.moveTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.recordCall: ADMIN, MEMBER",
      "Mutation.recordEmail: ADMIN, MEMBER",
      "Mutation.recordSms: ADMIN, MEMBER",
      "Mutation.removeAttachment: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.removeBlocker: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.reopenTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.reorderStages: ADMIN, MEMBER",
      "Mutation.restoreAccount: ADMIN, MEMBER",
      "Mutation.restoreActivity: ADMIN, MEMBER",
      "Mutation.restoreContact: ADMIN, MEMBER",
      "Mutation.restoreLead: ADMIN, MEMBER",
      "Mutation.restoreOpportunity: ADMIN, MEMBER",
      "Mutation.restoreTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.revokeApiKey: ADMIN, ADMIN without CRM access",
      "Mutation.setReminders: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.unwatchTask: everyone",
      "Mutation.updateAccount: ADMIN, MEMBER",
      "Mutation.updateActivity: ADMIN, MEMBER",
      "Mutation.updateContact: ADMIN, MEMBER",
      "Mutation.updateLead: ADMIN, MEMBER",
      "Mutation.updateOpportunity: ADMIN, MEMBER",
      "Mutation.updateOrganization: ADMIN, ADMIN without CRM access",
      "Mutation.updatePipeline: ADMIN, MEMBER",
      "Mutation.updateStage: ADMIN, MEMBER",
      "Mutation.updateTask: ADMIN, ADMIN without CRM access, MEMBER, MEMBER without CRM access",
      "Mutation.updateViewer: everyone",
      "Mutation.watchTask: everyone",
      "Query.account: everyone",
      "Query.accounts: everyone",
      "Query.activities: everyone",
      "Query.activity: everyone",
      "Query.contact: everyone",
      "Query.contacts: everyone",
      "Query.events: everyone",
      "Query.lead: everyone",
      "Query.leads: everyone",
      "Query.memberships: everyone",
      "Query.node: everyone",
      "Query.nodes: everyone",
      "Query.notifications: everyone",
      "Query.opportunities: everyone",
      "Query.opportunity: everyone",
      "Query.pipeline: everyone",
      "Query.pipelines: everyone",
      "Query.retentionPreview: ADMIN, ADMIN without CRM access",
      "Query.searchRecords: everyone",
      "Query.task: everyone",
      "Query.taskCounts: everyone",
      "Query.tasks: everyone",
      "Query.upcomingTasks: everyone",
      "Query.viewer: everyone",
      "Subscription.notificationReceived: everyone",
      "Subscription.taskAssigned: everyone",
      "Subscription.taskChanged: everyone",
    ]
  `);
});

it('each mutation of a document answers with what it has written, not with what the one before had read', async () => {
  const admin = callers.get('ADMIN') as Caller;
  const made = await gateway().ask<{ a: { account: { id: string } } }, object>(
    admin,
    'mutation { a: createAccount(input: { name: "Acme" }) { account { id } } }',
  );
  const { t } = await gateway().ask<{ t: { task: { id: string } } }, object>(
    admin,
    `mutation { t: createTask(input: { title: "one", accountId: "${made.a.account.id}" }) { task { id } } }`,
  );
  const update = (title: string) =>
    `${title}: updateTask(input: { id: "${t.task.id}", patch: { title: "${title}" } }) { task { title version } }`;
  expect(await gateway().ask(admin, `mutation { ${update('two')} ${update('three')} }`)).toEqual({
    two: { task: { title: 'two', version: 2 } },
    three: { task: { title: 'three', version: 3 } },
  });
});

describe('a schema', () => {
  const sdl = 'type Query { a: Int b: Int } type Mutation { c: Int } type Subscription { d: Int }';
  const rule = { roles: ['ADMIN'] } as const;
  const all: Policy = { 'Query.a': rule, 'Query.b': rule, 'Mutation.c': rule, 'Subscription.d': rule };
  const toy = (text = sdl) => {
    const schema = buildSchema(text);
    for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
      for (const field of Object.values(type?.getFields() ?? {})) field.resolve = () => 1;
    }
    return schema;
  };

  it('is built when every root field has a rule and every rule a field', () => {
    expect(() => enforcePolicy(toy(), all)).not.toThrow();
  });

  it.each(Object.keys(all))('is not built when %s has no rule', (name) => {
    const { [name]: _, ...rest } = all;
    expect(() => enforcePolicy(toy(), rest)).toThrow(`${name} has no rule in auth/policy.ts.`);
  });

  it.each(Object.keys(all))('is not built when the rule of %s has no field', (name) => {
    const [type, field] = name.split('.');
    const less = sdl.replace(new RegExp(`(type ${type} {.*?)\\b${field}: Int`), '$1').replace(/type \w+ { +}/, '');
    expect(() => enforcePolicy(toy(less), all)).toThrow(`Rules without a field: ${name}.`);
  });

  it('is not built when a field resolves to nothing of its own', () => {
    expect(() => enforcePolicy(buildSchema(sdl), all)).toThrow('Query.a has no resolver.');
  });

  it('judges a subscription before it begins', async () => {
    const schema = toy();
    const begun: string[] = [];
    Object.assign(schema.getSubscriptionType()?.getFields()['d'] ?? {}, {
      subscribe: async function* () {
        begun.push('begun');
        yield { d: 1 };
      },
    });
    const start = (role: string) =>
      subscribe({
        schema: held,
        document: parse('subscription { d }'),
        contextValue: { viewer: { role, crmAccess: true } },
      });
    const held = enforcePolicy(schema, all);
    expect(await start('MEMBER')).toMatchObject({ errors: [{ message: 'You may not use Subscription.d.' }] });
    expect(begun).toEqual([]);
    const events = (await start('ADMIN')) as AsyncGenerator;
    expect((await events.next()).value).toEqual({ data: { d: 1 } });
  });

  it('is not fooled by what every object has', () => {
    const odd = toy('type Query { constructor: Int toString: Int }');
    expect(() => enforcePolicy(odd, {})).toThrow('Query.constructor has no rule');
  });
});
