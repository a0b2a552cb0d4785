import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Gateway } from '../../../support/gateway.ts';
import { filterOf, leaves } from '../../model/drawn.ts';
import type { Filter } from '../../model/judged.ts';
import { deedOf, turnOf } from './deeds.ts';
import { type Dice, diceOf } from './dice.ts';
import { historyOf } from './history.ts';
import { type Asked, Keeper, listOf } from './keeper.ts';
import type { Deed, Who } from './mutation.ts';
import { createOf } from './task-deeds.ts';
import { type Clock, Town, ZONES } from './town.ts';

export interface Life {
  readonly seed: number;
  readonly rounds: number;
  readonly lists: number;
  readonly tasks: number;
  readonly writers: number;
}

/** What a life was like, so that a test can say that something happened in it. */
export interface Lived {
  rounds: number;
  done: number;
  refused: number;
  changes: number;
  cuts: number;
  compared: number;
  nonEmpty: number;
}

export const nothingYet = (): Lived => ({
  ...{ rounds: 0, done: 0, refused: 0, changes: 0, cuts: 0, compared: 0, nonEmpty: 0 },
});

/** Nothing that was rung for may take longer, on however busy a machine. */
const PATIENCE_MS = 15_000;
const WHO = ['admin', 'member', 'limited', 'viewer'] as const;

function filterFor(town: Town, dice: Dice): Filter | null {
  const pools = town.pools();
  const drawn = () => fc.sample(filterOf(pools), { numRuns: 1, seed: dice.below(2 ** 31) })[0] as Filter;
  const alone = () => dice.of(dice.of(leaves).alone(pools));
  const timely = () => {
    const due = { due: dice.of(['OVERDUE', 'OVERDUE', 'TODAY', 'THIS_WEEK']) };
    return dice.of<() => Filter>([
      () => due,
      () => ({ not: due }),
      () => ({ and: [due, drawn()] }),
      () => ({ or: [due, drawn()] }),
    ])();
  };
  const any = { _type: { any: true } };
  const filter = dice.of([drawn, drawn, alone, timely, timely, timely, () => null])();
  return filter && dice.onceIn(3) ? { and: [filter, any] } : filter;
}

function listFor(town: Town, dice: Dice): { who: Who; asked: Asked } {
  const view = dice.of([null, null, 'INBOX', 'FUTURE', 'ARCHIVE']);
  return {
    who: dice.of([...WHO, 'limited']),
    asked: { filter: filterFor(town, dice), view, timeZone: dice.maybe(dice.of(ZONES)) },
  };
}

/** One list kept, and what it is called when something is wrong with it. */
interface Kept {
  readonly keeper: Keeper;
  readonly who: Who;
}

class Living {
  readonly #town: Town;
  readonly #dice: Dice;
  readonly #life: Life;
  readonly #lived: Lived;
  #lists: Kept[] = [];
  #deeds: string[] = [];

  constructor(town: Town, dice: Dice, life: Life, lived: Lived) {
    this.#town = town;
    this.#dice = dice;
    this.#life = life;
    this.#lived = lived;
  }

  async run(): Promise<void> {
    const { done } = this.#lived;
    while (this.#lived.done < done + 10) await this.#write([createOf(this.#town, this.#dice, 'admin')], 0, false);
    try {
      for (let round = 0; round < this.#life.rounds; round += 1) {
        this.#deeds.push(`round ${round}`);
        await this.#renew();
        await this.#burst();
        await this.#settle(round);
      }
    } finally {
      for (const kept of this.#lists) this.#leave(kept);
    }
  }

  /** Some lists give way to others, so that there are always as many. */
  async #renew(): Promise<void> {
    const [town, dice] = [this.#town, this.#dice];
    this.#lists = this.#lists.filter((kept) => {
      const stays = !dice.onceIn(6);
      if (!stays) this.#leave(kept);
      return stays;
    });
    while (this.#lists.length < this.#life.lists) {
      const { who, asked } = listFor(town, dice);
      const keeper = new Keeper(town.gateways, town.callers[who], asked);
      this.#lists.push({ keeper, who });
      await keeper.begin(dice.of([4, 100, 100]), true);
    }
  }

  #leave({ keeper }: Kept): void {
    keeper.leave();
    this.#lived.changes += keeper.changes;
  }

  /** Several writers at once; clients are cut off somewhere, some of whom come back only when it is over. */
  async #burst(): Promise<void> {
    const [town, dice] = [this.#town, this.#dice];
    for (const { keeper } of this.#lists) {
      if (dice.onceIn(3)) keeper.cutAfter = 1 + dice.below(6);
      if (dice.onceIn(8)) keeper.cut();
    }
    const plans = Array.from({ length: this.#life.writers }, () =>
      Array.from({ length: 1 + dice.below(5) }, () => deedOf(town, dice)),
    );
    const returns = dice.onceIn(2);
    await Promise.all(plans.map((plan, writer) => this.#write(plan, writer, returns)));
    // Often time passes last, and nothing that is written makes anybody look again.
    if (dice.onceIn(2)) await this.#write([turnOf(town, dice, 'admin')], 0, returns);
    await town.look();
  }

  async #write(plan: readonly Deed[], writer: number, returns: boolean): Promise<void> {
    for (const deed of plan) {
      const result = await deed.run(this.#town, writer);
      this.#lived[result] += 1;
      const time = this.#town.clock.now.toISOString();
      this.#deeds.push(`${time} ${deed.by} ${deed.name} ${JSON.stringify(deed.input)}: ${result}`);
      if (returns) this.#comeBack();
    }
  }

  #comeBack(): void {
    for (const { keeper } of this.#lists) {
      if (!keeper.isAway) continue;
      this.#lived.cuts += 1;
      keeper.cutAfter = Number.POSITIVE_INFINITY;
      keeper.connect();
    }
  }

  /** Nobody writes any more: each list is soon as it is read, and stays so. */
  async #settle(round: number): Promise<void> {
    this.#comeBack();
    const deadline = Date.now() + PATIENCE_MS;
    await Promise.all(this.#lists.map((kept) => this.#compare(kept, round, deadline)));
    this.#lived.rounds += 1;
  }

  async #compare({ keeper, who }: Kept, round: number, deadline: number): Promise<void> {
    const [gateway] = this.#town.gateways as [Gateway];
    const { oddities } = keeper;
    let { cards } = await listOf(gateway, keeper.caller, keeper.asked);
    for (let wait = 5, next = Date.now() + 500; ; wait = Math.min(wait * 2, 50)) {
      if (keeper.isAway) this.#comeBack();
      // The gateway itself writes, too, such as what is left of a large deletion.
      if (Date.now() > next) {
        ({ cards } = await listOf(gateway, keeper.caller, keeper.asked));
        next = Date.now() + 500;
      }
      const wrong = [...new Set([...cards.keys(), ...keeper.cards.keys()])].filter(
        (id) => cards.get(id) !== keeper.cards.get(id),
      );
      if (wrong.length === 0 && oddities.length === 0) {
        keeper.settle();
        this.#lived.compared += 1;
        this.#lived.nonEmpty += Number(cards.size > 0);
        return;
      }
      if (oddities.length > 0 || Date.now() > deadline) {
        const history = await historyOf(this.#town, keeper, cards, wrong);
        const head = `seed ${this.#life.seed}, round ${round}, ${who} ${JSON.stringify(keeper.asked)}`;
        throw new Error([head, ...oddities.map((odd) => `odd: ${odd}`), history, ...this.#deeds.slice(-60)].join('\n'));
      }
      await delay(wait);
    }
  }
}

/** Lives a life, from a new town to its end; throws with the history of what went wrong. */
export async function live(gateways: readonly Gateway[], clock: Clock, life: Life, lived: Lived): Promise<void> {
  const town = await Town.found(gateways, clock, life.seed, life.tasks);
  await new Living(town, diceOf(life.seed), life, lived).run();
}
