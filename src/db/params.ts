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
