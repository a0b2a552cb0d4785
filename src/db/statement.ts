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

/** A statement whose text never changes: prepared once a connection. Each costs about 0.1 MB per connection for good. */
export function fixed(name: string, text: string): Statement {
  const full = `/* ${name} */ ${text.trim()}`;
  if (texts.has(full)) throw new Error(`The statement ${name} is defined twice.`);
  texts.set(full, name);
  return { name, text: full, prepared: true };
}

/** A statement that is put together for one request, such as a filter tree; never prepared by name. */
export const composed = (name: string, text: string): Statement => ({
  name,
  text: `/* ${name} */ ${text.trim()}`,
  prepared: false,
});

/** The name under which a text is prepared; undefined for all but the fixed ones. */
export const preparedName = (text: string): string | undefined => texts.get(text);
