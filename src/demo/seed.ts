import { createAccount } from '../account/service.ts';
import { firstOrganization, forgetEverything } from '../db/emptiness.ts';
import { encodeId, newUid } from '../ids.ts';
import { makeDue } from '../opportunity/due/service.ts';
import { addMember, createOrganization } from '../organization/service.ts';
import { createPipeline } from '../pipeline/service.ts';
import type { Runtime } from '../runtime.ts';
import { createTask, type NewTask } from '../task/service.ts';
import { addDays, dayAt, nextTimeOfDay } from '../time.ts';
import { addPeople, type Person, personOf } from './cast.ts';
import { granted } from './granted.ts';
import { type Boards, type Step, stepsOf, takeAll } from './steps.ts';
import { tellStory } from './story.ts';
import { PIPELINES } from './words.ts';

// The demo is not one transaction. While it is made, an organization of this name stands before it.
const UNFINISHED = 'The demo is being made';
const ZONE = 'Europe/Paris';
const DAY_MS = 86_400_000;

/** Whether nobody is there yet. A demo whose making was cut off is nobody's, and is taken away. */
export async function isEmpty({ db }: Runtime): Promise<boolean> {
  const first = await firstOrganization(db);
  if (first === UNFINISHED) await forgetEverything(db);
  return first === null || first === UNFINISHED;
}

/** The pipelines, with the ids of their stages. */
async function addPipelines(runtime: Runtime, { viewer }: Person): Promise<Boards> {
  const boards: { id: string; stages: string[] }[] = [];
  for (const pipeline of PIPELINES) {
    const { uid } = await granted(createPipeline(runtime, viewer, pipeline));
    const { organizationId } = viewer;
    const { prisma } = runtime.db;
    const { id } = await prisma.pipeline.findFirstOrThrow({ where: { organizationId, uid } });
    const where = { organizationId, pipelineId: id };
    const stages = await prisma.stage.findMany({ where, orderBy: { sortOrder: 'asc' } });
    boards.push({ id: encodeId('Pipeline', uid), stages: stages.map((stage) => encodeId('Stage', stage.uid)) });
  }
  return boards;
}

/** The last mornings, on which the organization is told of what is to close. */
const mornings = (organizationId: bigint, now: number): Step[] =>
  Array.from({ length: 13 }, (_, days) => nextTimeOfDay(now - (days + 1) * DAY_MS, 6, ZONE)).map((at) => ({
    at,
    run: (runtime) => makeDue(runtime, organizationId, async () => null),
  }));

/** What is new today: on the desks of those whom the README signs in, and of nobody. */
function newToday([ada, max]: readonly Person[], liam: Person, now: number): Omit<NewTask, 'notify'>[] {
  const today = dayAt(now, ZONE);
  const day = (days: number) => ({ day: addDays(today, days) });
  const instant = (days: number, time: string) => ({ instant: Date.parse(`${addDays(today, days)}T${time}Z`) });
  const toMax = { assigneeId: max?.userId };
  return [
    { title: 'Send the renewal offer', type: 'PROPOSAL', priority: 'HIGH', date: day(0), ...toMax },
    { title: 'Call about the late invoice', type: 'CALL', date: day(-2), tags: ['billing'], ...toMax },
    { title: 'Quarterly review', type: 'REVIEW', category: 'ACCOUNT_REVIEW', date: instant(1, '13:00:00'), ...toMax },
    { title: 'Prepare the training', category: 'TRAINING_SESSION', date: day(0), assigneeId: ada?.userId },
    { title: 'Approve the discount', type: 'APPROVAL', priority: 'MEDIUM', date: instant(0, '16:30:00') },
    { title: 'Find out who decides', description: 'Nobody answers at the front desk.', assigneeId: liam.userId },
  ];
}

/** Two organizations with people, and in one of them two months of work around today, made as people would make it. */
export async function seedDemo(runtime: Runtime): Promise<void> {
  const { prisma } = runtime.db;
  const mark = await prisma.organization.create({ data: { uid: newUid(), name: UNFINISHED } });
  const demo = await createOrganization(runtime, { name: 'Demo', timeZone: ZONE });
  const { team, limited } = await addPeople(runtime, demo);
  const [ada] = team as [Person];
  const now = runtime.now().getTime();
  const boards = await addPipelines(runtime, ada);
  const story = tellStory({ now, today: dayAt(now, ZONE), people: team.length });
  const steps = [...stepsOf(story, { team, boards, now }), ...mornings(demo.id, now)];
  await takeAll(
    runtime,
    steps.sort((a, b) => a.at - b.at),
  );

  const acme = await prisma.account.findFirstOrThrow({ where: { organizationId: demo.id, name: 'Acme' } });
  const accountId = encodeId('Account', acme.uid);
  for (const task of newToday(team, limited, now)) {
    await granted(createTask(runtime, ada.viewer, { ...task, accountId, notify: true }));
  }
  await seedOther(runtime);
  await prisma.organization.delete({ where: { id: mark.id } });
}

/** Another organization, of which nobody at Demo ever sees anything. */
async function seedOther(runtime: Runtime): Promise<void> {
  const other = await createOrganization(runtime, { name: 'Other', timeZone: 'UTC' });
  const otto = { email: 'admin@other.example', name: 'Otto Other', role: 'ADMIN', crmAccess: true } as const;
  await addMember(runtime, other, otto);
  const { viewer } = await personOf(runtime, otto.email);
  const zenith = { name: 'Zenith', domain: null, ownerId: null, tags: [] };
  const accountId = encodeId('Account', (await granted(createAccount(runtime, viewer, zenith))).uid);
  await granted(createTask(runtime, viewer, { title: 'Nobody at Demo sees this', accountId, notify: false }));
}
