import DataLoader from 'dataloader';
import type { Reader } from '../../db/database.ts';
import { Turns } from '../../db/turns.ts';
import type { Source } from '../../event/follow.ts';
import { readTold, type Told, type ToldBatch } from '../../event/told.ts';
import { Followers } from './followers.ts';
import { type Judged, type LiveList, type Ranges, rangesBetween } from './list.ts';
import { judge, type Pair, type Passed, type Passing, readPassing } from './store.ts';

const EVENTS_PER_BATCH = 500;
/** For those who lag. */
const EVENTS_PER_PAGE = 100;
const PAGES_KEPT = 8;
/** Of one shape in one statement. */
const LISTS_PER_STATEMENT = 500;
/** More than time can have moved into a list or out of it: then the list is read again. */
const MAX_PASSED = 50_000;
/** Statements that one organization's lists have running at once. */
const LANES = 2;

export type ChangeKind = 'ENTERED' | 'UPDATED' | 'LEFT';

/** What a transaction did to a task of a list. */
export interface Judgement {
  readonly change: ChangeKind;
  readonly told: Told;
}

const paged = (passed: readonly Passed[]) =>
  Array.from({ length: Math.ceil(passed.length / PASSED_PER_PAGE) }, (_, at) =>
    passed.slice(at * PASSED_PER_PAGE, (at + 1) * PASSED_PER_PAGE),
  );

/** Two JSON objects as one. */
const joinRows = (one: string, other: string) => (one === '{}' ? other : `${one.slice(0, -1)},${other.slice(1)}`);

interface Move {
  readonly list: LiveList;
  readonly from: number;
  readonly to: number;
}

/** What time alone moved, in pages that all are handed who ask the same; null where it is too much. */
export type Moved = (Omit<Passing, 'passed'> & { readonly pages: readonly (readonly Passed[])[] }) | null;

const PASSED_PER_PAGE = 100;

/** What is asked of time: a list at two instants, what lies between them, and under which key others ask the same. */
interface Question {
  readonly pair: Pair;
  readonly ranges: Ranges;
  readonly bins: readonly boolean[];
  readonly now: number;
  readonly row: string;
  readonly key: string;
}

/** One organization's log, as live lists read it: each shape of list is judged by one statement a batch, for all who follow. */
export class LiveLog implements Source<ToldBatch> {
  readonly followers = new Followers();
  readonly #db: Reader;
  readonly #organizationId: bigint;
  readonly #turns = new Turns(LANES);
  readonly #judgements = new WeakMap<ToldBatch, DataLoader<Judged, readonly Judgement[], string>>();
  readonly #pages = new Map<bigint, Promise<ToldBatch>>();
  /** Where the log was known to end before any of the kept pages was read. */
  #head = 0n;
  // Never remembered: what was so a moment ago says nothing of where the log stands now.
  readonly #moves: DataLoader<Move, Moved>;

  constructor(db: Reader, organizationId: bigint) {
    this.#db = db;
    this.#organizationId = organizationId;
    this.#moves = new DataLoader((moves) => this.#move(moves), { cache: false });
  }

  readonly read = async (after: bigint, now: number) => {
    const found = await readTold(this.#db, this.#organizationId, after, EVENTS_PER_BATCH, now);
    this.#reach(found.head);
    return found;
  };

  /**
   * The next page after a place, for whoever lags: many fall behind at the same place, and are handed the same page. None
   * is handed one that was read before the log had come to where they know that it ends.
   */
  async page(after: bigint, head: bigint, now: number): Promise<ToldBatch> {
    this.#reach(head);
    const known = this.#pages.get(after);
    if (known) return known;
    const read = readTold(this.#db, this.#organizationId, after, EVENTS_PER_PAGE, now).then(({ batch }) => batch);
    this.#pages.set(after, read);
    read.catch(() => {
      if (this.#pages.get(after) === read) this.#pages.delete(after);
    });
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > PAGES_KEPT && oldest !== undefined) this.#pages.delete(oldest);
    return read;
  }

  /** Pages are kept as long as the log has not grown. */
  #reach(head: bigint): void {
    if (head <= this.#head) return;
    this.#head = head;
    this.#pages.clear();
  }

  /** What a batch tells of a list as it is judged at an instant; of lists that ask the same, it is worked out once. */
  async judgements(batch: ToldBatch, list: Judged): Promise<readonly Judgement[]> {
    if (batch.told.length === 0) return [];
    const loader =
      this.#judgements.get(batch) ??
      new DataLoader<Judged, readonly Judgement[], string>((lists) => this.#judge(batch, lists), {
        cacheKeyFn: ({ shape, row }) => `${shape} ${row}`,
      });
    this.#judgements.set(batch, loader);
    try {
      return await loader.load(list);
    } catch (error) {
      loader.clear(list);
      throw error;
    }
  }

  /** What time alone moves into a list or out of it between two instants, as the log stands when it is read. */
  moved(list: LiveList, from: number, to: number): Promise<Moved> {
    return this.#moves.load({ list, from, to });
  }

  async #judge(batch: ToldBatch, lists: readonly Judged[]): Promise<(readonly Judgement[] | Error)[]> {
    const told = new Map(batch.told.map((event) => [event.seq, event]));
    return this.#byStatement(
      lists,
      ({ shape }) => shape,
      async (asked) => {
        const [first] = asked as readonly [Judged];
        const rows = asked.map(({ row }) => row);
        const matches = await judge(this.#db, this.#organizationId, first, rows, batch.after, batch.to);
        const byList = Map.groupBy(matches, ({ ord }) => ord);
        return asked.map((_, index) =>
          (byList.get(index + 1) ?? []).flatMap(({ seq, before, after }): Judgement[] => {
            const event = told.get(seq);
            // Pruned since, or never whole.
            return event ? [{ change: before ? (after ? 'UPDATED' : 'LEFT') : 'ENTERED', told: event }] : [];
          }),
        );
      },
    );
  }

  async #move(moves: readonly Move[]): Promise<(Moved | Error)[]> {
    const questions = moves.map(({ list, from, to }): Question => {
      const pair = { from: list.at(from, 'a'), to: list.at(to, 'b') };
      const ranges = rangesBetween(pair.from, pair.to);
      const { bins } = list.asked.reach;
      const key = JSON.stringify([pair.from.shape, ranges, bins, to]);
      return { pair, ranges, bins, now: to, row: joinRows(pair.from.row, pair.to.row), key };
    });
    return this.#byStatement(
      questions,
      ({ key }) => key,
      (asked) => this.#pass(asked),
    );
  }

  /** Asks of all together; where that is too much, of either half. */
  async #pass(questions: readonly Question[]): Promise<Moved[]> {
    const [first] = questions;
    if (!first) return [];
    const { pair, ranges, bins, now } = first;
    // Whoever asks the same is told the same.
    const rows = [...new Set(questions.map(({ row }) => row))];
    const limit = MAX_PASSED + 1;
    const found = await readPassing(this.#db, this.#organizationId, { pair, rows, ranges, bins, now, limit });
    const { seq, nextDue, passed } = found;
    if (passed.length > MAX_PASSED)
      return rows.length === 1 ? questions.map(() => null) : this.#halved(questions, rows);
    const byRow = Map.groupBy(passed, ({ ord }) => rows[ord - 1] as string);
    const moved = new Map(rows.map((row) => [row, { seq, nextDue, pages: paged(byRow.get(row) ?? []) }]));
    return questions.map(({ row }) => moved.get(row) ?? null);
  }

  async #halved(questions: readonly Question[], rows: readonly string[]): Promise<Moved[]> {
    const half = new Set(rows.slice(0, rows.length / 2));
    const parts = [questions.filter(({ row }) => half.has(row)), questions.filter(({ row }) => !half.has(row))];
    const answers = new Map<Question, Moved>();
    for (const part of parts) {
      for (const [index, moved] of (await this.#pass(part)).entries()) answers.set(part[index] as Question, moved);
    }
    return questions.map((question) => answers.get(question) ?? null);
  }

  /**
   * Answers everyone in place, by one statement for those of a key, a few hundred at most; who fails, fails alone. What
   * most wait for comes first.
   */
  async #byStatement<Asked, Answer>(
    all: readonly Asked[],
    keyOf: (asked: Asked) => string,
    ask: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  ): Promise<(Answer | Error)[]> {
    const answers = new Map<Asked, Answer | Error>();
    const byKey = [...Map.groupBy(all, keyOf).values()].sort((a, b) => b.length - a.length);
    const groups = byKey.flatMap((group) => {
      const chunks = Math.ceil(group.length / LISTS_PER_STATEMENT);
      return Array.from({ length: chunks }, (_, at) =>
        group.slice(at * LISTS_PER_STATEMENT, (at + 1) * LISTS_PER_STATEMENT),
      );
    });
    await Promise.all(
      groups.map((group) =>
        this.#turns.run(this.#organizationId, async () => {
          try {
            const found = await ask(group);
            for (const [index, asked] of group.entries()) answers.set(asked, found[index] as Answer);
          } catch (error) {
            for (const asked of group) answers.set(asked, error as Error);
          }
        }),
      ),
    );
    return all.map((asked) => answers.get(asked) as Answer | Error);
  }
}
