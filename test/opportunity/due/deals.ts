import { makeDue } from '../../../src/opportunity/due/service.ts';
import { addDays, type Day, dayAt } from '../../../src/time.ts';
import { recordsOf } from '../../record/room.ts';
import type { Caller } from '../../support/gateway.ts';
import { useWorld, type World } from '../../task/world.ts';

export const ZONE = 'Europe/Paris';

const TASKS = `query ($id: ID!, $deleted: DeletedFilter!) {
  tasks(filter: { _type: { eq: OPPORTUNITY_DUE }, opportunityId: { eq: $id }, deleted: $deleted },
        orderBy: [{ field: CREATED_AT }], first: 100) {
    nodes {
      id _type type title date status isComplete version deletedAt createdAt
      completedBy { id } assignee { id } creator { id } linkedRecord { id } account { id } lead { id } opportunity { id }
    }
  }
}`;

interface Ref {
  readonly id: string;
}

export interface DueTask extends Ref {
  readonly _type: string;
  readonly type: string;
  readonly title: string;
  readonly date: string;
  readonly status: string;
  readonly version: number;
  readonly deletedAt: string | null;
  readonly createdAt: string;
  readonly completedBy: Ref | null;
  readonly assignee: Ref | null;
  readonly creator: Ref;
  readonly linkedRecord: Ref;
  readonly account: Ref | null;
  readonly lead: Ref | null;
}

/** Opportunities of an organization in Paris, whose clock a test sets: noon of 10 March 2026 at first. */
export function useDeals() {
  const clock = { now: new Date() };
  const reset = () => {
    clock.now = new Date('2026-03-10T11:00:00Z');
  };
  reset();
  const world = useWorld({ now: () => clock.now }, ZONE);
  const records = (caller: Caller = world().admin) => recordsOf(world(), caller);
  const tasks = async (id: string, deleted = 'EXCLUDE', caller = world().admin): Promise<DueTask[]> => {
    const answer = await world().gateway.ask<{ tasks: { nodes: DueTask[] } }, object>(caller, TASKS, { id, deleted });
    return answer.tasks.nodes;
  };
  return {
    clock,
    reset,
    world,
    records,
    tasks,
    /** So many days from today, where the organization is. */
    day: (days: number): Day => addDays(dayAt(clock.now.getTime(), ZONE), days),
    /** The id of a new opportunity. */
    deal: (input: object = {}, caller?: Caller) => records(caller).made('OPPORTUNITY', input),
    change: (id: string, patch: object, caller?: Caller) => records(caller).update('OPPORTUNITY', id, patch),
    /** What there is of an opportunity's tasks, in few words: `PENDING 2026-03-10`. */
    told: async (id: string) => (await tasks(id)).map(({ status, date }) => `${status} ${date}`),
    /** The daily job's work, without the job. */
    morning: (limit?: number) => runOnce(world(), limit),
  };
}

async function runOnce({ gateway, organization }: World, limit?: number): Promise<void> {
  for (let more = true; more; ) {
    more = await makeDue(gateway.app.runtime, organization.id, async (_tx, inMs) => inMs === 0, limit);
  }
}
