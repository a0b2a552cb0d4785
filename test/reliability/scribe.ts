import pino from 'pino';
import { Database } from '../../src/db/database.ts';
import { openDoorbell } from '../../src/event/doorbell.ts';
import { type Actor, commit, type Decided, type NewEvent, type Subject } from '../../src/event/log.ts';
import type { Person } from './world.ts';

/** What happens inside a transaction before its events are appended. */
export type Before = Parameters<Parameters<typeof commit>[3]>[0];

/**
 * Writes the log itself, by the gateway's own `commit()`, as one process more: what no mutation does at once, such as
 * telling everyone, and more of it than mutations could.
 */
export class Scribe {
  readonly #db: Database;
  readonly #bell: ReturnType<typeof openDoorbell>;
  readonly #actor: Actor;
  readonly #task: Subject;

  constructor(url: string, actor: Actor, task: Subject) {
    this.#db = new Database({ url, size: 5, statementTimeout: 20_000, onError: () => {} });
    this.#bell = openDoorbell(url, pino({ level: 'silent' }), () => {});
    this.#actor = actor;
    this.#task = task;
  }

  /**
   * One transaction with events of which each tells all of these people that a task was assigned to them; `before` runs
   * first, and rolls it back by saying no. Gives whether it was kept.
   */
  async tell(people: readonly Person[], events = 1, before = async (_tx: Before) => true): Promise<boolean> {
    const event: NewEvent = {
      kind: 'TASK_ASSIGNED',
      subject: this.#task,
      changes: [],
      notify: people.map(({ id }) => ({ userId: id, kind: 'TASK_ASSIGNED' })),
    };
    const runtime = { db: this.#db, ring: this.#bell.ring, consequences: [] };
    const outcome = await commit(runtime, this.#actor, new Date(), async (tx): Promise<Decided<null>> => {
      if (!(await before(tx))) return { ok: false, errors: [] } as never;
      return { ok: true, value: null, events: Array<NewEvent>(events).fill(event) };
    });
    return outcome.ok;
  }

  async close(): Promise<void> {
    await this.#bell.close();
    await this.#db.close();
  }
}
