/**
 * One named statement. Its text begins with its name, so that a line of the database's log leads to a function.
 * `$1` is always the organization; the caller's parameters begin at `$2`.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly prepared: boolean;
}

const texts = new Map<string, string>();
const names = new Set<string>();

/** A statement whose text never changes: prepared once a connection. Each costs about 0.1 MB per connection for good. */
export function fixed(name: string, text: string): Statement {
  const full = `/* ${name} */ ${text.trim()}`;
  // A connection knows one text by a name, and refuses any other until it is closed.
  if (names.has(name)) throw new Error(`The statement ${name} is defined twice.`);
  names.add(name);
  texts.set(full, name);
  return { name, text: full, prepared: true };
}

/** Every fixed statement there is; the tests hold each to the rule of organizations. */
export const fixedStatements = (): Statement[] => [...texts].map(([text, name]) => ({ name, text, prepared: true }));

/** A statement that is put together for one request, such as a filter tree; never prepared by name. */
export const composed = (name: string, text: string): Statement => ({
  name,
  text: `/* ${name} */ ${text.trim()}`,
  prepared: false,
});

const MAX_SHAPES = 50;
const shapes = new Map<string, string>();
const seenOnce = new Set<string>();

/**
 * A statement that is put together, but comes in few shapes, all that varies freely being a parameter: a page of a list.
 * Planning it costs more than running it, so a shape that comes again is prepared: the first 50 of a process, which is
 * what connections bear for good.
 */
export function shaped(name: string, text: string): Statement {
  const statement = composed(name, text);
  const full = statement.text;
  if (!shapes.has(full) && shapes.size < MAX_SHAPES) {
    // Callers make up shapes of their own: what comes once is not kept for long.
    if (seenOnce.size >= 10 * MAX_SHAPES) seenOnce.clear();
    if (seenOnce.delete(full)) shapes.set(full, `${name}.${shapes.size}`);
    else seenOnce.add(full);
  }
  const preparedAs = shapes.get(full);
  return preparedAs === undefined ? statement : { ...statement, name: preparedAs, prepared: true };
}

/** The name under which a text is prepared; undefined for all but the fixed ones. */
export const preparedName = (text: string): string | undefined => texts.get(text);
