/** A place in an organization's log, and the clock when it was read. */
export interface LogCursor {
  readonly organizationUid: string;
  readonly seq: bigint;
  /** Milliseconds since 1970: what a live list had judged when the list was read. */
  readonly at: number;
  /** Of what time changes of a list, all but the last: how far it has got with that. */
  readonly half?: HalfPassed | null;
}

/** What time changes in a list is told task by task, in order of their ids: those up to `taskId` were judged at `to` already. */
export interface HalfPassed {
  readonly to: number;
  readonly taskId: bigint;
}

/** Opaque to clients: only we read it back. */
export const encodeCursor = ({ organizationUid, seq, at, half }: LogCursor): string =>
  Buffer.from(`${organizationUid}.${seq}.${at}${half ? `.${half.to}.${half.taskId}` : ''}`).toString('base64url');

/** Null when the text is no cursor of ours. */
export function decodeCursor(text: string): LogCursor | null {
  const form = /^([0-9A-Z]{26})\.(\d{1,18})\.(\d{1,16})(?:\.(\d{1,16})\.(\d{1,18}))?$/;
  const found = form.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (!found) return null;
  const [, organizationUid, seq, at, to, taskId] = found as unknown as [
    string,
    string,
    string,
    string,
    string?,
    string?,
  ];
  const half = to && taskId ? { to: Number(to), taskId: BigInt(taskId) } : null;
  return { organizationUid, seq: BigInt(seq), at: Number(at), ...(half && { half }) };
}
