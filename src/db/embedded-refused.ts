/** Thrown for what a person must act on; its message is one sentence to print before exiting with 1. */
export class EmbeddedRefused extends Error {
  override readonly name = 'EmbeddedRefused';
  /** Where the PostgreSQL of another gateway answers, when that is why. */
  databaseUrl: string | undefined;
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file is in the way',
};

/** Turns what the file system refused into an EmbeddedRefused that names the data folder; other errors pass unchanged. */
export function asRefusal(error: unknown, dataDir: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const reason = code && REASONS[code];
  if (error instanceof EmbeddedRefused || !reason) return error;
  const at = path && path !== dataDir ? ` at ${path}` : '';
  return new EmbeddedRefused(
    `Taskwire cannot keep its database in ${dataDir} (${reason}${at}): set TASKWIRE_DATA to a folder of yours, or DATABASE_URL to a PostgreSQL.`,
    { cause: error },
  );
}
