/** A place in an organization's log, and the clock when it was read. */
export interface LogCursor {
  readonly organizationUid: string;
  readonly seq: bigint;
  /** Milliseconds since 1970: what a live list had judged when the list was read. */
  readonly at: number;
  /** The instant that a live list was being brought to when it was cut off in the middle; its client has some of it. */
  readonly to?: number | undefined;
}

/** Opaque to clients: only we read it back. */
export const encodeCursor = ({ organizationUid, seq, at, to }: LogCursor): string =>
  Buffer.from([organizationUid, seq, at, ...(to === undefined ? [] : [to])].join('.')).toString('base64url');

/** Null when the text is no cursor of ours. */
export function decodeCursor(text: string): LogCursor | null {
  const found = /^([0-9A-Z]{26})\.(\d{1,18})\.(\d{1,16})(?:\.(\d{1,16}))?$/.exec(
    Buffer.from(text, 'base64url').toString('latin1'),
  );
  if (!found) return null;
  const [, organizationUid, seq, at, to] = found as unknown as [string, string, string, string, string | undefined];
  return { organizationUid, seq: BigInt(seq), at: Number(at), ...(to !== undefined && { to: Number(to) }) };
}
