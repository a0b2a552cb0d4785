/** A word, sign, `$1` or 'text' of a statement, words in lower case; or what stands between two brackets. */
export type Node = string | readonly Node[];

export const isGroup = (node: Node | undefined): node is readonly Node[] =>
  node !== undefined && typeof node !== 'string';
export const wordOf = (node: Node | undefined): string => (typeof node === 'string' ? node : '');

/** Whether brackets hold a query of its own: a function's arguments may begin with one, and are none. */
export const isQuery = (group: readonly Node[]): boolean =>
  ['select', 'with', 'insert', 'update', 'delete', 'values'].includes(wordOf(group[0])) ||
  (isGroup(group[0]) && isQuery(group[0]) && ['', 'union', 'intersect', 'except'].includes(wordOf(group[1])));

const TOKEN = /\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\d+|[A-Za-z_]\w*|\d+(?:\.\d+)?|::|<=|>=|<>|!=|->>?|\|\||./gsy;
/** Names that must not be taken for SQL's own words: they keep their quotes. */
const RESERVED = /^"(select|from|where|join|on|using|set|left|right|and|or|not|case|end|for|order|group|as)"$/i;

/** A statement as nested lists, its comments left out. */
export function parse(text: string): readonly Node[] {
  const stack: Node[][] = [[]];
  const bare = text.replace(/\/\*.*?\*\/|--[^\n]*/gs, ' ');
  for (const [token] of bare.matchAll(TOKEN)) {
    if (/^[\s;]/.test(token)) continue;
    if (token === '(') stack.push([]);
    else if (token === ')') {
      const group = stack.pop() as Node[];
      if (stack.length === 0) throw new Error(`Brackets do not match: ${text}`);
      stack.at(-1)?.push(group);
    } else {
      const isName = token.startsWith('"') && !RESERVED.test(token);
      stack.at(-1)?.push(isName ? token.slice(1, -1) : /^['"]/.test(token) ? token : token.toLowerCase());
    }
  }
  if (stack.length !== 1) throw new Error(`Brackets do not match: ${text}`);
  return stack[0] as Node[];
}

/** The parts between a word, where it does not stand in brackets. */
export function splitBy(nodes: readonly Node[], word: string): (readonly Node[])[] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (wordOf(node) === word) parts.push([]);
    else parts.at(-1)?.push(node);
  }
  return parts;
}

/** Each CASE … END as one word, so that nothing in it is taken for a condition of the whole. */
export function withoutCases(nodes: readonly Node[]): readonly Node[] {
  const kept: Node[] = [];
  let depth = 0;
  for (const node of nodes) {
    if (wordOf(node) === 'case') depth += 1;
    if (depth === 0) kept.push(node);
    if (wordOf(node) === 'end' && depth > 0) {
      depth -= 1;
      if (depth === 0) kept.push('a case');
    }
  }
  return kept;
}
