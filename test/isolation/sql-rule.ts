import { isGroup, isQuery, type Node, parse, splitBy, withoutCases, wordOf } from './sql-tree.ts';

/** Which tables there are. */
export interface Tables {
  readonly tenants: ReadonlySet<string>;
  readonly globals: ReadonlySet<string>;
}

interface Scope {
  /** Alias → the tenant's table that it is; null for all else: global tables, functions, and queries, judged by themselves. */
  readonly tables: Map<string, string | null>;
  readonly held: Set<string>;
  readonly ctes: ReadonlySet<string>;
  readonly outer: Scope | null;
}

interface Condition {
  readonly nodes: readonly Node[];
  /** The alias that a LEFT JOIN's condition can hold: of the others it leaves out no row. */
  readonly only: string | null;
}

const SESSION = new Set(['begin', 'commit', 'rollback', 'savepoint', 'release', 'set']);
const CLAUSES = new Set('select set from where group having order limit offset for returning window'.split(' '));
const JOINS = new Set(['join', 'left', 'right', 'full', 'inner', 'cross', 'natural', 'outer']);
const isName = (word: string) => /^\w+$/.test(word) && word !== 'as';

/**
 * The rule of organizations, judged on the text of a statement: every tenant's table in it must be held to the caller's
 * organization, by `organization_id = $n` whose value that is, or by equality with the `organization_id` of one that is
 * held so. Gives what is wrong. Small and strict: what it does not understand it refuses.
 */
export function violations(
  text: string,
  values: readonly unknown[],
  own: bigint,
  { tenants, globals }: Tables,
): string[] {
  const wrong: string[] = [];

  const find = (scope: Scope | null, alias: string): Scope | null =>
    scope === null || scope.tables.has(alias) ? scope : find(scope.outer, alias);

  /** `t.organization_id`, `"public"."task"."organization_id"`, or the bare name where it can only be of one. */
  function column(nodes: readonly Node[], scope: Scope): { readonly at: Scope; readonly alias: string } | null {
    const words = nodes.map(wordOf);
    const isPath =
      [1, 3, 5].includes(words.length) && words.every((word, at) => (at % 2 === 1 ? word === '.' : isName(word)));
    if (!isPath || words.at(-1) !== 'organization_id') return null;
    const alias = words.length > 1 ? words.at(-3) : scope.tables.size === 1 ? [...scope.tables.keys()][0] : undefined;
    const at = alias === undefined ? null : find(scope, alias);
    return at && alias !== undefined ? { at, alias } : null;
  }

  const withoutCast = (nodes: readonly Node[]) => (wordOf(nodes.at(-2)) === '::' ? nodes.slice(0, -2) : nodes);
  const isOwn = (nodes: readonly Node[]) =>
    nodes.length === 1 &&
    wordOf(nodes[0]).startsWith('$') &&
    String(values[Number(wordOf(nodes[0]).slice(1)) - 1]) === String(own);
  function isHeld(nodes: readonly Node[], scope: Scope): boolean {
    const found = column(withoutCast(nodes), scope);
    return isOwn(withoutCast(nodes)) || (found?.at.held.has(found.alias) ?? false);
  }

  /** The conditions that all must hold; none where they stand in an OR. */
  function conjuncts(nodes: readonly Node[]): (readonly Node[])[] {
    const plain = withoutCases(nodes);
    if (plain.some((node) => wordOf(node) === 'or')) return [];
    return splitBy(plain, 'and').flatMap((part) => {
      const [only] = part;
      return part.length === 1 && isGroup(only) && !isQuery(only) ? conjuncts(only) : [part];
    });
  }

  function hold(conditions: readonly Condition[], scope: Scope): void {
    const equalities = conditions.flatMap(({ nodes, only }) =>
      conjuncts(nodes)
        .map((part) => splitBy(part, '='))
        .filter((sides) => sides.length === 2)
        .flatMap(([a = [], b = []]) => [[a, b] as const, [b, a] as const])
        .map(([a, b]) => ({ target: column(withoutCast(a), scope), by: b, only })),
    );
    for (let before = -1; before !== scope.held.size; ) {
      before = scope.held.size;
      for (const { target, by, only } of equalities) {
        const can = target?.at === scope && (only === null || only === target.alias);
        if (can && isHeld(by, scope)) scope.held.add(target.alias);
      }
    }
  }

  /** One entry of FROM: its alias is known from here on. */
  function source(entry: readonly Node[], scope: Scope): string {
    let nodes = entry.filter((node) => !['only', 'lateral'].includes(wordOf(node)));
    if (wordOf(nodes[1]) === '.') nodes = nodes.slice(2);
    const [what, next] = nodes;
    const name = wordOf(what);
    const isTable = !isGroup(what) && !isGroup(next);
    if (isTable && !tenants.has(name) && !globals.has(name) && !scope.ctes.has(name))
      wrong.push(`${name} is no table that is known`);
    const alias = nodes.slice(1).map(wordOf).find(isName) ?? name;
    scope.tables.set(alias, isTable && tenants.has(name) && !scope.ctes.has(name) ? name : null);
    return alias;
  }

  function query(nodes: readonly Node[], outer: Scope | null, ctes: ReadonlySet<string>): void {
    const [only] = nodes;
    if (wordOf(only) === 'with') withCtes(nodes, outer, ctes);
    else if (nodes.length === 1 && isGroup(only)) query(only, outer, ctes);
    else plainQuery(nodes, outer, ctes);
  }

  function plainQuery(nodes: readonly Node[], outer: Scope | null, ctes: ReadonlySet<string>): void {
    const [only] = nodes;
    const parts = ['union', 'intersect', 'except'].reduce(
      (all, word) => all.flatMap((part) => splitBy(part, word)),
      [nodes],
    );
    if (parts.length > 1) {
      for (const part of parts) query(wordOf(part[0]) === 'all' ? part.slice(1) : part, outer, ctes);
      return;
    }
    const scope: Scope = { tables: new Map(), held: new Set(), ctes, outer };
    if (wordOf(only) === 'insert') insert(nodes, scope);
    else if (['select', 'update', 'delete'].includes(wordOf(only))) body(nodes, scope);
    else if (wordOf(only) === 'values') nested(nodes, scope);
    else wrong.push(`${wordOf(only)} is not understood`);
  }

  function withCtes(nodes: readonly Node[], outer: Scope | null, ctes: ReadonlySet<string>): void {
    const known = new Set(ctes);
    // What is recursive reads itself, by its name.
    let at = wordOf(nodes[1]) === 'recursive' ? 1 : 0;
    do {
      known.add(wordOf(nodes[at + 1]));
      at = nodes.findIndex((node, index) => index > at && isGroup(node) && isQuery(node));
      if (at < 0) break;
      query(nodes[at] as readonly Node[], outer, known);
      at += 1;
    } while (wordOf(nodes[at]) === ',');
    if (at < 0) wrong.push('this WITH is not understood');
    else query(nodes.slice(at), outer, known);
  }

  /** SELECT, UPDATE, DELETE: what they read and write, and what holds it. */
  function body(nodes: readonly Node[], scope: Scope): void {
    const conditions: Condition[] = [];
    let [clause, join, joined, start] = ['', '', '', 0];
    const close = (end: number) => {
      const part = nodes.slice(start, end);
      if (clause === 'from' && part.length > 0) for (const entry of splitBy(part, ',')) joined = source(entry, scope);
      if (clause === 'on') conditions.push({ nodes: part, only: join === 'left' ? joined : null });
      if (clause === 'where') conditions.push({ nodes: part, only: null });
      if (clause === 'set') for (const each of splitBy(part, ',')) assignment(each, scope);
    };
    nodes.forEach((node, at) => {
      const [word, before] = [wordOf(node), wordOf(nodes[at - 1])];
      const isJoin = JOINS.has(word) && !(word !== 'join' && isGroup(nodes[at + 1])); // left('text', 1) is a function
      const begins =
        isJoin ||
        CLAUSES.has(word) ||
        (word === 'update' && at === 0) ||
        word === 'using' ||
        (word === 'on' && clause === 'from');
      if (!begins || (word === 'from' && before === 'distinct') || (word === 'update' && at > 0)) return;
      close(at);
      if (isJoin && !JOINS.has(before)) join = word;
      if (['right', 'full', 'natural'].includes(word) || (word === 'using' && wordOf(nodes[0]) !== 'delete'))
        wrong.push(`${word} is not understood`);
      clause = isJoin || word === 'using' || word === 'update' ? 'from' : word;
      start = at + 1;
    });
    close(nodes.length);
    hold(conditions, scope);
    for (const [alias, table] of scope.tables) {
      if (table !== null && !scope.held.has(alias)) wrong.push(`${table} as ${alias} is not held to the organization`);
    }
    nested(nodes, scope);
  }

  function assignment(nodes: readonly Node[], scope: Scope): void {
    const [left = [], right = []] = splitBy(nodes, '=');
    if (isGroup(left[0])) wrong.push('setting a list of columns is not understood');
    if (wordOf(left.at(-1)) === 'organization_id' && !isOwn(withoutCast(right)) && !isHeld(right, scope))
      wrong.push('organization_id is changed');
  }

  function insert(nodes: readonly Node[], scope: Scope): void {
    const at = nodes.findIndex(isGroup);
    const [name, dot, inSchema] = nodes.slice(2, at).map(wordOf);
    const table = (dot === '.' ? inSchema : name) ?? '';
    const [columns, rest] = [nodes[at], nodes.slice(at + 1)];
    if (!tenants.has(table) && !globals.has(table)) wrong.push(`${table} is no table that is known`);
    const place = isGroup(columns)
      ? splitBy(columns, ',').findIndex(([name]) => wordOf(name) === 'organization_id')
      : -1;
    const written =
      wordOf(rest[0]) === 'select'
        ? [splitBy(rest.slice(1), 'from')[0] ?? []]
        : rest.slice(1, endOfRows(rest)).filter(isGroup);
    const isOwned = (row: readonly Node[]) => isOwn(withoutCast(splitBy(row, ',')[place] ?? []));
    if (tenants.has(table) && (place < 0 || written.length === 0 || !written.every(isOwned)))
      wrong.push(`${table} is written without the organization`);
    if (wordOf(rest[0]) === 'select') query(rest, scope.outer, scope.ctes);
    else nested(rest, scope);
  }
  const endOfRows = (nodes: readonly Node[]) => {
    const end = nodes.findIndex((node) => ['on', 'returning'].includes(wordOf(node)));
    return end < 0 ? nodes.length : end;
  };

  /** Queries within expressions and within FROM, which may refer to what is around them. */
  function nested(nodes: readonly Node[], scope: Scope): void {
    for (const node of nodes.filter(isGroup)) {
      if (isQuery(node)) query(node, scope, scope.ctes);
      else nested(node, scope);
    }
  }

  const tree = parse(text);
  if (!SESSION.has(wordOf(tree[0]))) query(tree, null, new Set());
  return wrong;
}
