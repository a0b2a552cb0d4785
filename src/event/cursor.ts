/** A place in an organization's log, and the clock when it was read. */
export interface LogCursor {
  readonly organizationUid: string;
  readonly seq: bigint;
  /** Milliseconds since 1970: what a live list had judged when the list was read. */
  readonly at: number;
}

/** Opaque to clients: only we read it back. */
export const encodeCursor = ({ organizationUid, seq, at }: LogCursor): string =>
  Buffer.from(`${organizationUid}.${seq}.${at}`).toString('base64url');

/** Null when the text is no cursor of ours. */
export function decodeCursor(text: string): LogCursor | null {
  const found = /^([0-9A-Z]{26})\.(\d{1,18})\.(\d{1,16})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (!found) return null;
  const [, organizationUid, seq, at] = found as unknown as [string, string, string, string];
  return { organizationUid, seq: BigInt(seq), at: Number(at) };
}
