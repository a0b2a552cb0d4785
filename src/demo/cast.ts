import { standingsOf } from '../auth/store.ts';
import type { Viewer } from '../auth/viewer.ts';
import { encodeId } from '../ids.ts';
import { addMember } from '../organization/service.ts';
import type { Runtime } from '../runtime.ts';
import { COLLEAGUES } from './words.ts';

/** Whom the README signs in, by e-mail address. */
export const ADMIN = 'admin@demo.example';
export const MEMBER = 'member@demo.example';

const SIGNED_IN = [
  { email: ADMIN, name: 'Ada Admin', role: 'ADMIN', crmAccess: true, timeZone: 'Europe/Paris' },
  { email: MEMBER, name: 'Max Member', role: 'MEMBER', crmAccess: true, timeZone: 'America/Los_Angeles' },
  { email: 'viewer@demo.example', name: 'Vera Viewer', role: 'VIEWER', crmAccess: true },
  { email: 'limited@demo.example', name: 'Liam Limited', role: 'MEMBER', crmAccess: false },
] as const;

/** Someone of the demo: as they sign in, and as they are named in inputs. */
export interface Person {
  readonly viewer: Viewer;
  readonly userId: string;
  readonly email: string;
}

/** Someone as they sign in, by e-mail address; null when there is nobody of that address. */
export async function findPerson(runtime: Runtime, email: string): Promise<Person | null> {
  const [standing] = await standingsOf(runtime.db, { email });
  if (!standing) return null;
  const timeZone = standing.userTimeZone ?? standing.organizationTimeZone;
  return {
    viewer: { ...standing, timeZone, requestTimeZone: null, keyUserId: null, expiresAt: null },
    userId: encodeId('User', standing.userUid),
    email,
  };
}

/** The same of someone who must be there. */
export async function personOf(runtime: Runtime, email: string): Promise<Person> {
  const found = await findPerson(runtime, email);
  if (!found) throw new Error(`${email} is nobody.`);
  return found;
}

const emailOf = (name: string) =>
  `${name
    .split(' ')[0]
    ?.normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()}@demo.example`;

/** Adds everyone; answers those who work with customers, Ada and Max first, and Liam, who sees his own tasks only. */
export async function addPeople(
  runtime: Runtime,
  organization: { readonly id: bigint; readonly assistantId: bigint },
): Promise<{ readonly team: readonly Person[]; readonly limited: Person }> {
  const colleagues = COLLEAGUES.map(
    ([name, timeZone]) => ({ email: emailOf(name), name, role: 'MEMBER', crmAccess: true, timeZone }) as const,
  );
  for (const person of [...SIGNED_IN, ...colleagues]) await addMember(runtime, organization, person);
  const emails = [ADMIN, MEMBER, ...colleagues.map(({ email }) => email)];
  const team: Person[] = [];
  for (const email of emails) team.push(await personOf(runtime, email));
  return { team, limited: await personOf(runtime, 'limited@demo.example') };
}
