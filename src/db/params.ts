/** Collects the parameters of a composed statement; the organization is `$1`, so the first one added is `$2`. */
export class Params {
  readonly values: unknown[] = [];

  /** Adds a value and gives its placeholder. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length + 1}`;
  }
}
