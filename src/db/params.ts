/** Where a condition's parameters go: each is named once it is mentioned. A text differs with what it asks, never with values. */
export interface Parameters {
  /** Adds a value and gives what stands for it, with its type. */
  add(value: unknown, type: string): string;
}

/** Collects the parameters of a composed statement; the organization is `$1`, so the first one added is `$2`. */
export class Params implements Parameters {
  readonly values: unknown[] = [];

  /** Adds a value and gives its placeholder, cast to the type when there is one. */
  add(value: unknown, type?: string): string {
    this.values.push(value);
    const placeholder = `$${this.values.length + 1}`;
    return type === undefined ? placeholder : `${placeholder}::${type}`;
  }
}

/**
 * The same as named columns of a table of parameters, one row of values for each who asks: one text then judges for all
 * of them. The table's alias is `p`.
 */
export class Columns implements Parameters {
  readonly values: unknown[] = [];
  readonly types: string[] = [];
  readonly #prefix: string;

  /** Two sets of columns can stand in one table, by prefixes of their own. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(value: unknown, type: string): string {
    this.values.push(value);
    this.types.push(type);
    return `p.${this.#prefix}${this.values.length}`;
  }

  /** The columns as `jsonb_to_recordset` wants them declared. */
  get declared(): string[] {
    return this.types.map((type, index) => `${this.#prefix}${index + 1} ${type}`);
  }

  /** The values under the columns' names, to be written as JSON; numbers as texts, so that none loses digits. */
  get row(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.values.map((value, index) => [`${this.#prefix}${index + 1}`, value]));
  }
}

/** Rows of parameters as JSON. */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? part.toString() : part));
