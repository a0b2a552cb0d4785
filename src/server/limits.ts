/** What one caller, one request and one socket may take. Each can be overridden (`settings.limits`), which tests do. */
export interface Limits {
  readonly bodyBytes: number;
  readonly frameBytes: number;
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
  readonly entries: number;
  readonly variablesDepth: number;
  readonly cachedTokens: number;
  readonly operationsPerSocket: number;
  readonly connectionsPerCaller: number;
  readonly connections: number;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly initMs: number;
  readonly pingMs: number;
  readonly heartbeatMs: number;
  readonly stallBytes: number;
  readonly stallMs: number;
  readonly tickMs: number;
  readonly recheckMs: number;
  readonly readyMs: number;
}

export const defaultLimits: Limits = {
  // The largest thing that callers send is a list of ids or a note; a JSON input has 16 KiB.
  bodyBytes: 256 * 1024,
  frameBytes: 256 * 1024,
  // The introspection query has 184, a whole page of a large frontend some hundreds. Validation can grow with the
  // square: the worst document found within 2,000 takes 0.1 s.
  tokens: 2_000,
  // Introspection is 15 deep, account → tasks → node → contact → tasks → node → creator 13.
  depth: 20,
  // Each alias can repeat the most expensive field there is.
  aliases: 100,
  directives: 50,
  // After fragments are spread: without it, 20 fragments that spread each other twice ask for a million fields.
  fields: 5_000,
  // Of lists within lists: 100 accounts with 100 tasks each, and as many again, but not 100 events of each of those tasks.
  entries: 25_000,
  // Filters nest (`and`, `or`, `not`); graphql-js coerces them by recursion, which 30,000 levels overflow.
  variablesDepth: 32,
  // Of all documents kept parsed and validated together: about half a KiB a token, so 100 MB at the very most.
  cachedTokens: 200_000,
  // A dashboard has a dozen live lists.
  operationsPerSocket: 100,
  // Sockets and event streams together; a person has some tabs, a server-side client some processes.
  connectionsPerCaller: 50,
  connections: 20_000,
  // A client that (re)subscribes to 100 lists at once stays within the burst.
  messagesPerSecond: 50,
  messageBurst: 200,
  initMs: 5_000,
  // Below the 30 to 60 s after which proxies cut idle connections.
  pingMs: 25_000,
  heartbeatMs: 15_000,
  stallBytes: 1024 * 1024,
  stallMs: 30_000,
  tickMs: 1_000,
  // Who follows the log hears of their end at once; this is for connections on which nothing runs. A statement each.
  recheckMs: 120_000,
  readyMs: 2_000,
};
