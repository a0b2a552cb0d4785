import { buildSchema, GraphQLError, type GraphQLObjectType, type GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { type DestinationStream, pino } from 'pino';
import { refuse } from '../../src/graphql/errors.ts';
import { Fault } from '../../src/refusals.ts';
import type { CallerRequest, Edge } from '../../src/server/edge.ts';

/** A subscription's source that the test holds the strings of. */
export interface Source {
  push(value: string): void;
  fail(error: unknown): void;
  end(): void;
  /** Resolves when the edge has let go of it. */
  readonly returned: Promise<void>;
  /** That of the operation's CallerRequest. */
  readonly signal: AbortSignal | undefined;
}

export interface ToyContext {
  readonly caller: string | null;
  readonly request: CallerRequest;
}

const sdl = /* GraphQL */ `
  scalar Day
  scalar Bug
  scalar Raw
  input Filter { not: Filter, tags: [String!], n: Int }
  enum Color { RED }
  interface Thing { name: String }
  type Stone implements Thing { name: String }
  type Query {
    hello(name: String = "world"): String!
    whoami: String
    me: String!
    a: String
    self: Query!
    page(first: Int!): Int
    day(on: Day): String
    bug(on: Bug): String
    filter(by: Filter): Int
    boom: String
    booms: [String]
    thrown(how: String!): String
    missing: String!
    thing: Thing
    color: Color
    slow: String
    big: String
    unwritable: Raw
  }
  type Mutation { set(value: String!): String! slow: String }
  type Subscription { ticks: String! parked: String! late: String! refused: String! unwritable: Raw }
`;

/** A schema and all that the edge needs around it, with handles for the tests. */
export function createToy() {
  const sources: Source[] = [];
  const wanting: ((source: Source) => void)[] = [];
  const open = new Set<Source>();
  const logs: Record<string, unknown>[] = [];
  const releases: (() => void)[] = [];
  const writes: string[] = [];
  const revoked = new Set<string>();
  const expiries = new Map<string, Date>();
  const toy = {
    open,
    logs,
    writes,
    revoked,
    expiries,
    contextFails: false as boolean,
    /** Whether each event has an id. */
    tellsIds: false as boolean,
    ready: async () => true as boolean,
    /** Lets everything slow go on. */
    release() {
      for (const release of releases.splice(0)) release();
    },
    waiting: releases,
    /** The source of the next subscription, or of one that has begun already. */
    source(): Promise<Source> {
      const source = sources.shift();
      return source ? Promise.resolve(source) : new Promise((resolve) => wanting.push(resolve));
    },
    calls: [] as CallerRequest[],
  };

  function createSource(signal: AbortSignal | undefined): AsyncIterableIterator<string> {
    const queue: (() => Promise<IteratorResult<string>>)[] = [];
    let wake = () => {};
    let letGo = () => {};
    const put = (step: () => Promise<IteratorResult<string>>) => {
      queue.push(step);
      wake();
    };
    const done = async () => ({ done: true, value: undefined }) as const;
    const source: Source = {
      push: (value) => put(async () => ({ done: false, value })),
      fail: (error) => put(() => Promise.reject(error)),
      end: () => put(done),
      returned: new Promise((resolve) => {
        letGo = resolve;
      }),
      signal,
    };
    const over = () => {
      open.delete(source);
      letGo();
    };
    open.add(source);
    const next = wanting.shift();
    if (next) next(source);
    else sources.push(source);
    return {
      async next() {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        return (queue.shift() as () => Promise<IteratorResult<string>>)().then(
          (step) => {
            if (step.done) over();
            return step;
          },
          (error) => {
            over();
            throw error;
          },
        );
      },
      async return() {
        over();
        put(done);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Parked on an await that never ends: only its signal can tell it that its client has gone. */
  async function* parked({ request }: ToyContext) {
    const source = { signal: request.signal } as Source;
    open.add(source);
    request.signal?.addEventListener('abort', () => open.delete(source));
    await new Promise(() => {});
    yield 'never';
  }

  const wait = () => new Promise<void>((resolve) => releases.push(resolve));
  const secret = 'postgres://admin:hunter2@db/prod';
  const schema = buildSchema(sdl);
  resolvers(schema, 'Query', {
    hello: (_, { name }) => `hello ${name}`,
    whoami: (_, __, { caller }) => caller,
    me: (_, __, { caller }) => caller ?? refuseAnonymous(),
    self: () => ({}),
    a: () => 'a',
    page: (_, { first }) => first,
    day: (_, { on }) => on,
    bug: (_, { on }) => on,
    filter: () => 1,
    boom: () => {
      throw new Error(`cannot reach ${secret}`);
    },
    booms: () => {
      const one = Promise.reject(new Error('the same rejection'));
      return [one, one, one];
    },
    thrown: (_, { how }) => {
      throw thrown(how, secret);
    },
    missing: () => null,
    thing: () => ({ name: secret, __typename: 'Color' }),
    color: () => secret,
    slow: async () => {
      await wait();
      return 'slow';
    },
    big: () => 'x'.repeat(100_000),
    unwritable: () => 1n,
  });
  resolvers(schema, 'Mutation', {
    set: (_, { value }) => {
      writes.push(value);
      return value;
    },
    slow: async () => {
      await wait();
      writes.push('slow');
      return 'done';
    },
  });
  const ticks = (value: unknown, _args: unknown, { request: { streamPlace } }: ToyContext) => {
    if (streamPlace && toy.tellsIds) streamPlace.eventId = `${streamPlace.lastEventId ?? 'new'} ${value}`;
    if (value === 'later') throw new Fault('SERVICE_UNAVAILABLE', 'Not now.');
    if (value === 'refused') return refuseAnonymous();
    return value === 'boom' ? Promise.reject(new Error(secret)) : value;
  };
  resolvers(schema, 'Subscription', { ticks, parked: ticks, late: ticks, refused: ticks, unwritable: () => 1n });
  subscribers(schema, {
    ticks: (_, __, { request }) => createSource(request.signal),
    unwritable: (_, __, { request }) => createSource(request.signal),
    parked: (_, __, context) => parked(context),
    late: async (_, __, { request }) => {
      await wait();
      return createSource(request.signal);
    },
    refused: () => {
      throw new Fault('RESYNC_REQUIRED', 'The cursor is too old.', { oldest: 'x' });
    },
  });
  scalar(schema, 'Day', (value) => {
    if (value === 'today') return value;
    throw new GraphQLError('A Day is a day.');
  });
  scalar(schema, 'Bug', () => (undefined as never as { secret: string }).secret);

  const stream: DestinationStream = { write: (line) => void logs.push(JSON.parse(line)) };
  const edge: Edge<string, ToyContext> = {
    schema,
    async authenticate(request) {
      toy.calls.push(request);
      const sent = request.header('Authorization');
      if (sent === undefined) return null;
      const name = /^Bearer (\w+)$/.exec(sent)?.[1];
      if (name === 'crash') throw new Error(`cannot reach ${secret}`);
      if (name === 'forbidden') throw new Fault('FORBIDDEN', 'This key is of another organization.');
      if (name === 'ambiguous') throw refuse('BAD_USER_INPUT', 'Choose one with X-Organization-ID.');
      if (name === 'slow') await wait();
      if (!name || revoked.has(name)) throw refuse('UNAUTHENTICATED', 'The token is not valid.');
      return name;
    },
    callerKey: (caller) => caller,
    expiresAt: (caller) => expiries.get(caller) ?? null,
    context(caller, request) {
      if (toy.contextFails) throw new Error(`cannot reach ${secret}`);
      return { caller, request };
    },
    ready: () => toy.ready(),
    logger: pino({ level: 'debug' }, stream),
    settings: { corsOrigins: 'loopback', graphiql: null, limits: { tickMs: 20 } },
  };
  return Object.assign(toy, { edge, schema, secret });
}

export type Toy = ReturnType<typeof createToy>;

function refuseAnonymous(): never {
  throw new Fault('UNAUTHENTICATED', 'Send a token.');
}

function thrown(how: string, secret: string): unknown {
  switch (how) {
    case 'fault':
      return new Fault('FORBIDDEN', 'Not for you.', { field: 'x' });
    case 'refusal':
      return refuse('TIMEOUT', 'It took too long.');
    case 'graphql':
      return new GraphQLError(`unknown: ${secret}`);
    case 'foreign code':
      return new GraphQLError(`unknown: ${secret}`, { extensions: { code: 'SOMETHING', originalError: secret } });
    case 'internal code':
      return new GraphQLError(`unknown: ${secret}`, { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
    case 'disguised':
      return Object.assign(new Error(`Argument "x" has ${secret}`), { extensions: { code: 'BAD_USER_INPUT' } });
    case 'text':
      return secret;
    case 'abort':
      return new DOMException(secret, 'TimeoutError');
    default:
      return undefined;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as graphql-js hands them over.
type Resolver = (source: unknown, args: any, context: ToyContext) => unknown;

function fieldsOf(schema: GraphQLSchema, type: string) {
  return (schema.getType(type) as GraphQLObjectType).getFields();
}

function resolvers(schema: GraphQLSchema, type: string, byName: Record<string, Resolver>) {
  for (const [name, resolve] of Object.entries(byName)) Object.assign(fieldsOf(schema, type)[name] ?? {}, { resolve });
}

function subscribers(schema: GraphQLSchema, byName: Record<string, Resolver>) {
  for (const [name, subscribe] of Object.entries(byName)) {
    Object.assign(fieldsOf(schema, 'Subscription')[name] ?? {}, { subscribe });
  }
}

function scalar(schema: GraphQLSchema, name: string, parseValue: (value: unknown) => unknown) {
  const type = schema.getType(name) as GraphQLScalarType;
  type.parseValue = parseValue;
  type.parseLiteral = (node) => parseValue('value' in node ? node.value : null);
}
