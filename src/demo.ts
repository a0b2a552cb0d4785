import { createAccount } from './account/service.ts';
import { standingsOf } from './auth/store.ts';
import type { Viewer } from './auth/viewer.ts';
import { firstOrganization, forgetEverything } from './db/emptiness.ts';
import { encodeId, newUid } from './ids.ts';
import { addMember, createOrganization } from './organization/service.ts';
import type { Runtime } from './runtime.ts';
import { completeTask, createTask, type NewTask } from './task/service.ts';
import { addDays, dayAt } from './time.ts';

// The demo is not one transaction. While it is made, an organization of this name stands before it.
const UNFINISHED = 'The demo is being made';

/** Whether nobody is there yet. A demo whose making was cut off is nobody's, and is taken away. */
export async function isEmpty({ db }: Runtime): Promise<boolean> {
  const first = await firstOrganization(db);
  if (first === UNFINISHED) await forgetEverything(db);
  return first === null || first === UNFINISHED;
}

const PEOPLE = [
  { email: 'admin@demo.example', name: 'Ada Admin', role: 'ADMIN', crmAccess: true, timeZone: 'Europe/Paris' },
  {
    email: 'member@demo.example',
    name: 'Max Member',
    role: 'MEMBER',
    crmAccess: true,
    timeZone: 'America/Los_Angeles',
  },
  { email: 'viewer@demo.example', name: 'Vera Viewer', role: 'VIEWER', crmAccess: true },
  { email: 'limited@demo.example', name: 'Liam Limited', role: 'MEMBER', crmAccess: false },
] as const;

const ACCOUNTS = [
  ['Acme', 'acme.example'],
  ['Blue Harbor', 'blueharbor.example'],
  ['Cedar & Sons', 'cedar.example'],
  ['Delta Freight', 'deltafreight.example'],
  ['Evergreen Labs', 'evergreen.example'],
  ['Foxglove Books', 'foxglove.example'],
] as const;

/** The demo's people as they sign in: a viewer each, by e-mail address. */
async function viewerOf(runtime: Runtime, email: string): Promise<Viewer> {
  const [standing] = await standingsOf(runtime.db, { email });
  if (!standing) throw new Error(`${email} is nobody.`);
  return { ...standing, timeZone: standing.userTimeZone ?? standing.organizationTimeZone, expiresAt: null };
}

/** The value of a use case that must not be refused. */
async function granted<Value>(
  outcome: Promise<{
    readonly ok: boolean;
    readonly value: Value | null;
    readonly refusals: readonly { message: string }[];
  }>,
): Promise<Value> {
  const { value, refusals } = await outcome;
  if (value === null) throw new Error(`The demo was refused: ${refusals.map(({ message }) => message).join(' ')}`);
  return value;
}

/** Two organizations with people, accounts and tasks around today, made as people would make them. */
export async function seedDemo(runtime: Runtime): Promise<void> {
  const mark = await runtime.db.prisma.organization.create({ data: { uid: newUid(), name: UNFINISHED } });
  const demo = await createOrganization(runtime, { name: 'Demo', timeZone: 'Europe/Paris' });
  const other = await createOrganization(runtime, { name: 'Other', timeZone: 'UTC' });
  const users = new Map<string, string>();
  for (const person of PEOPLE) {
    const { userUid } = await addMember(runtime, demo, person);
    users.set(person.email, encodeId('User', userUid));
  }
  await addMember(runtime, other, { email: 'admin@other.example', name: 'Otto Other', role: 'ADMIN', crmAccess: true });

  const admin = await viewerOf(runtime, 'admin@demo.example');
  const member = users.get('member@demo.example') as string;
  const limited = users.get('limited@demo.example') as string;
  const accounts: string[] = [];
  for (const [name, domain] of ACCOUNTS) {
    const input = { name, domain, ownerId: member, tags: ['demo'] };
    accounts.push(encodeId('Account', (await granted(createAccount(runtime, admin, input))).uid));
  }

  const today = dayAt(runtime.now().getTime(), 'Europe/Paris');
  const instant = (days: number, time: string) => ({ instant: Date.parse(`${addDays(today, days)}T${time}Z`) });
  const day = (days: number) => ({ day: addDays(today, days) });
  const tasks: Omit<NewTask, 'notify'>[] = [
    { title: 'Send the renewal offer', type: 'PROPOSAL', priority: 'HIGH', date: day(0), assigneeId: member },
    { title: 'Call about the late invoice', type: 'CALL', date: day(-2), assigneeId: member, tags: ['billing'] },
    {
      title: 'Quarterly review',
      type: 'REVIEW',
      category: 'ACCOUNT_REVIEW',
      date: instant(1, '13:00:00'),
      assigneeId: member,
    },
    {
      title: 'Prepare the training',
      category: 'TRAINING_SESSION',
      status: 'IN_PROGRESS',
      date: day(3),
      assigneeId: users.get('admin@demo.example') as string,
    },
    { title: 'Approve the discount', type: 'APPROVAL', priority: 'MEDIUM', date: instant(0, '16:30:00') },
    { title: 'Waiting for their legal team', status: 'ON_HOLD', date: day(7), assigneeId: member },
    { title: 'Find out who decides', description: 'Nobody answers at the front desk.', assigneeId: limited },
    { title: 'Share the release notes', category: 'TEAM_UPDATE', type: 'MESSAGE', date: day(1) },
  ];
  for (const [index, task] of tasks.entries()) {
    await granted(createTask(runtime, admin, { ...task, accountId: accounts[index % accounts.length], notify: true }));
  }
  const done = await granted(
    createTask(runtime, admin, {
      title: 'Welcome call',
      type: 'CALL',
      date: day(-5),
      assigneeId: member,
      accountId: accounts[0],
      notify: false,
    }),
  );
  const completion = {
    id: encodeId('Task', done.uid),
    expectedVersion: null,
    outcome: 'They are happy.',
    followUp: null,
  };
  await granted(completeTask(runtime, await viewerOf(runtime, 'member@demo.example'), completion));

  const stranger = await viewerOf(runtime, 'admin@other.example');
  const elsewhere = await granted(
    createAccount(runtime, stranger, { name: 'Zenith', domain: null, ownerId: null, tags: [] }),
  );
  const secret = { title: 'Nobody at Demo sees this', accountId: encodeId('Account', elsewhere.uid), notify: false };
  await granted(createTask(runtime, stranger, secret));
  await runtime.db.prisma.organization.delete({ where: { id: mark.id } });
}
