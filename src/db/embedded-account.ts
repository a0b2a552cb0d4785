import { spawnSync } from 'node:child_process';
import { EmbeddedRefused } from './embedded-refused.ts';

/** The account that PostgreSQL runs as when we are root, which it refuses to be. */
export interface Account {
  uid: number;
  gid: number;
}

export const isRoot = () => process.getuid?.() === 0;

/** The spawn options that give a child this account (none: ours), and nothing of our environment that PostgreSQL reads. */
export function as(account: Account | undefined) {
  const { PATH = '/usr/bin:/bin' } = process.env;
  return {
    // macOS knows nobody as 4294967294, which spawn takes as -2.
    ...(account && { uid: account.uid | 0, gid: account.gid | 0 }),
    // Not our working folder: it may be closed to the account.
    cwd: '/',
    // No PG*, LC_*, LD_*; a TZ, or initdb compares every zone with the machine's.
    env: { PATH, LC_ALL: 'C', TZ: 'UTC' },
  };
}

/** The unprivileged account that every Unix has. */
export function nobody(): Account {
  const number = (flag: string) =>
    Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout?.trim() || NaN);
  const account = { uid: number('-u'), gid: number('-g') };
  if (Number.isNaN(account.uid + account.gid)) {
    throw new EmbeddedRefused(
      'The embedded PostgreSQL refuses to run as root, and this machine has no account "nobody" for it: start as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

/** Whether the account can enter the folder; asked of the kernel, since mode bits are not all there is (ACLs, mounts). */
export function reaches(account: Account, folder: string): boolean {
  const { error, status } = spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...as(account), stdio: 'ignore' });
  if (error) {
    throw new EmbeddedRefused(
      `The embedded PostgreSQL refuses to run as root, and this root may not become account ${account.uid} (${error.message}): start as an ordinary user, or set DATABASE_URL.`,
    );
  }
  return status === 0;
}
