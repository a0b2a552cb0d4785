/** The value of a use case that must not be refused. */
export async function granted<Value>(
  outcome: Promise<{
    readonly ok: boolean;
    readonly value: Value | null;
    readonly refusals: readonly { readonly message: string; readonly path: readonly string[] }[];
  }>,
): Promise<Value> {
  const { value, refusals } = await outcome;
  if (value !== null) return value;
  const told = refusals.map(({ message, path }) => `${path.join('.')}: ${message}`);
  throw new Error(`The demo was refused: ${told.join(' ')}`);
}
