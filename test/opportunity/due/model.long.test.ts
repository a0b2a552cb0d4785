import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addDays } from '../../../src/time.ts';
import { writesOf } from '../../task/writes.ts';
import { type DueTask, useDeals } from './deals.ts';

// Random lives of an opportunity, beside a naive model that goes through each step one thing after the other.

const { clock, reset, world, records, tasks, day, deal, change, morning } = useDeals();

type Status = 'OPEN' | 'WON' | 'LOST';
type Step =
  | { readonly do: 'edit'; readonly status?: Status; readonly closesIn?: number | null }
  | { readonly do: 'complete' | 'reopen' | 'remove' | 'restore' | 'redate'; readonly which: number }
  | { readonly do: 'rename' | 'morning' | 'bin' | 'unbin' };

interface Modelled {
  status: 'PENDING' | 'COMPLETED' | 'CANCELLED';
  date: string;
  /** By a person; or along with the opportunity. */
  gone: 'alone' | 'along' | null;
  /** For which of the close dates that there were. */
  period: number;
}

class Model {
  status: Status;
  closeDate: string | null;
  period = 0;
  /** Whether a task was made for this close date, or moved to it. */
  had = false;
  binned = false;
  readonly tasks: Modelled[] = [];

  constructor(status: Status, closeDate: string | null) {
    this.status = status;
    this.closeDate = closeDate;
    this.make();
  }

  get open(): Modelled | undefined {
    return this.tasks.find(({ status, gone }) => status === 'PENDING' && gone === null);
  }

  make(): void {
    if (this.binned || this.status !== 'OPEN' || this.closeDate === null || this.closeDate > day(0) || this.had) return;
    this.had = true;
    if (this.open) this.open.date = this.closeDate;
    else this.tasks.push({ status: 'PENDING', date: this.closeDate, gone: null, period: this.period });
  }

  edit(status: Status, closeDate: string | null): void {
    const [dated, turned] = [closeDate !== this.closeDate, status !== this.status];
    if (!dated && !turned) return;
    Object.assign(this, { status, closeDate });
    if (dated) {
      this.period += 1;
      this.had = false;
    }
    if (turned && status !== 'OPEN') {
      if (this.open) this.open.status = 'COMPLETED';
    } else if (dated && this.open && closeDate === null) {
      this.open.status = 'CANCELLED';
    } else if (dated && this.open && closeDate !== null) {
      this.open.date = closeDate;
      this.had = true;
    }
    this.make();
  }

  bin(): void {
    this.binned = true;
    for (const task of this.tasks) task.gone ??= 'along';
  }

  unbin(): void {
    this.binned = false;
    for (const task of this.tasks) if (task.gone === 'along') task.gone = null;
    this.make();
  }
}

const which = fc.nat({ max: 5 });
const status = fc.constantFrom<Status>('OPEN', 'OPEN', 'OPEN', 'OPEN', 'WON', 'LOST');
const closesIn = fc.option(fc.constantFrom(0, -1, 1, 0, -2, 2), { freq: 6, nil: null });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('edit' as const), status, closesIn }, { requiredKeys: ['do'] }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('complete', 'complete', 'reopen', 'remove', 'restore', 'redate'),
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('rename', 'morning', 'morning', 'bin', 'unbin') }) },
);

it('one open task at most, and never two for one close date, whatever happens to it [CLOSE-22]', async () => {
  const writes = writesOf(world(), world().admin);
  let made = 0;

  async function take(id: string, model: Model, real: readonly DueTask[], step: Step): Promise<void> {
    if (step.do === 'morning') {
      clock.now = new Date(clock.now.getTime() + 86_400_000);
      model.make();
      return morning();
    }
    if (step.do === 'unbin') {
      model.unbin();
      return void (await records().restore('OPPORTUNITY', id));
    }
    if (model.binned) return;
    if (step.do === 'bin') {
      model.bin();
      return void (await records().remove('OPPORTUNITY', id));
    }
    if (step.do === 'rename') {
      model.make();
      return void (await change(id, { name: `Deal ${Math.random()}` }));
    }
    if (step.do === 'edit') {
      const { closesIn } = step;
      const closeDate = closesIn === undefined ? model.closeDate : closesIn === null ? null : day(closesIn);
      const status = step.status ?? model.status;
      model.edit(status, closeDate);
      return void (await change(id, { closeDate, status }));
    }
    if (!('which' in step)) return;
    const which = step.which % Math.max(1, model.tasks.length);
    const task = model.tasks[which];
    const key = real[which]?.id;
    if (!task || !key) return;
    const isFree = model.open === undefined || model.open === task;
    if (step.do === 'restore' && task.gone === 'alone' && (isFree || task.status !== 'PENDING')) {
      task.gone = null;
      const restore = `mutation ($id: ID!) { restoreTask(input: { id: $id }) { errors { code } } }`;
      await world().gateway.ask(world().admin, restore, { id: key });
    }
    if (task.gone !== null) return;
    if (step.do === 'remove') {
      task.gone = 'alone';
      await writes.remove(key);
    } else if (step.do === 'complete') {
      task.status = 'COMPLETED';
      await writes.complete(key);
    } else if (step.do === 'reopen' && isFree) {
      task.status = 'PENDING';
      await writes.update(key, { status: 'PENDING' });
    } else if (step.do === 'redate') {
      task.date = addDays(day(0), 50);
      await writes.update(key, { date: task.date });
    }
  }

  const life = fc.tuple(status, closesIn, fc.array(step, { minLength: 4, maxLength: 14 }));
  await fc.assert(
    fc.asyncProperty(life, async ([first, closes, steps]) => {
      reset();
      const closeDate = closes === null ? null : day(closes);
      const id = await deal({ status: first, closeDate });
      const model = new Model(first, closeDate);
      let real: DueTask[] = [];
      for (const each of [{ do: 'rename' } as const, ...steps]) {
        await take(id, model, real, each);
        // By creation; those of one instant by their ids, as they are listed.
        real = await tasks(id, 'INCLUDE');
        expect(real.map(({ status, date, deletedAt }) => [status, date, deletedAt !== null])).toEqual(
          model.tasks.map(({ status, date, gone }) => [status, date, gone !== null]),
        );
        expect(real.filter(({ status, deletedAt }) => status === 'PENDING' && !deletedAt).length).toBeLessThan(2);
      }
      const periods = model.tasks.map(({ period }) => period);
      expect(new Set(periods).size).toBe(periods.length);
      made += periods.length;
    }),
    { numRuns: 30 },
  );
  // It was about something.
  expect(made).toBeGreaterThan(15);
}, 60_000);
