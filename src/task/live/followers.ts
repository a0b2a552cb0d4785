import { Fault } from '../../refusals.ts';

/** In one organization and process: lists of many shapes are judged one after the other, for all who follow. */
const LISTS_PER_MEMBER = 200;

/** Who follows lists of one organization. */
export class Followers {
  readonly #byUser = new Map<bigint, Set<object>>();

  /** Refuses one list too many. */
  join(userId: bigint, list: object): void {
    const lists = this.#byUser.get(userId) ?? new Set();
    const limit = LISTS_PER_MEMBER;
    if (lists.size >= limit) throw new Fault('LIMIT_EXCEEDED', `You may follow ${limit} lists at once.`, { limit });
    this.#byUser.set(userId, lists.add(list));
  }

  leave(userId: bigint, list: object): void {
    const lists = this.#byUser.get(userId);
    lists?.delete(list);
    if (lists?.size === 0) this.#byUser.delete(userId);
  }
}
