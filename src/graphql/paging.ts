import { isInstant } from '../dates.ts';
import { isStorable } from '../limits.ts';
import { Fault } from '../refusals.ts';

const DEFAULT_SIZE = 25;
const MAX_SIZE = 100;

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export type KeyPart = string | number | null;
export type Key = readonly KeyPart[];

/** What a part of a key is. Cursors come from outside: what a statement is given of them has been looked at. */
type PartCheck = (part: KeyPart | undefined) => boolean;
export const isIdPart: PartCheck = (part) => typeof part === 'string' && /^\d{1,18}$/.test(part);
export const isTextPart: PartCheck = (part) => typeof part === 'string' && isStorable(part);
export const isInstantPart: PartCheck = (part) => typeof part === 'number' && isInstant(part);

/** Keys that are made of just these parts. */
export const keyOfParts =
  (...parts: readonly PartCheck[]) =>
  (key: Key): boolean =>
    key.length === parts.length && parts.every((fits, index) => fits(key[index]));

/** One step of a walk along a list. */
export interface Walk {
  /** The key of the row to start behind; null at the list's end. */
  readonly from: Key | null;
  readonly backward: boolean;
  /** One more than the page, which tells whether there is another. */
  readonly limit: number;
}

export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

export interface Page<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Where to go on, when that is not behind the last entry. */
  readonly endCursor?: string;
}

export interface List<Node> {
  /** Of the list's order and all that its keys depend on: a cursor of another order is an error, not a wrong page. */
  readonly signature: string;
  readonly keyOf: (node: Node) => Key;
  /** Whether `keyOf` could have given this. */
  readonly isKey: (key: Key) => boolean;
  /** The rows behind `from`, in the walk's direction. */
  readonly read: (walk: Walk) => Promise<readonly Node[]>;
  readonly count: () => Promise<number>;
  /** How the cursor of a row is written when it is not its key. */
  readonly cursorOf?: (node: Node) => string;
  /** Where the log stood before the rows were read, on the connections that tell it. */
  readonly logCursor?: string | null;
}

/** A list that is read when a field first needs it: a query for `totalCount` alone reads no rows. */
export interface Connection<Node> {
  readonly page: () => Promise<Page<Node>>;
  readonly totalCount: () => Promise<number>;
  readonly logCursor: string | null;
}

const refuse = (message: string, argument: string): never => {
  throw new Fault('BAD_USER_INPUT', message, { argument });
};

const encode = (signature: string, key: Key) => Buffer.from(JSON.stringify([signature, ...key])).toString('base64url');

/** What makes a cursor one of a list's own. */
type Belonging = Pick<List<unknown>, 'signature' | 'isKey'>;

function decode({ signature, isKey }: Belonging, cursor: string, argument: string): Key {
  try {
    const [found, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as KeyPart[];
    if (found === signature && isKey(key)) return key;
  } catch {
    // Malformed and mismatched cursors are the same mistake to a caller.
  }
  return refuse('This cursor does not belong to this list, its order and its time zone.', argument);
}

/** The size of a page that is asked for, 25 if none is; refuses one outside 1 to 100. */
export function sizeOf(asked: number | null | undefined, argument: 'first' | 'last'): number {
  const size = asked ?? DEFAULT_SIZE;
  if (size < 1 || size > MAX_SIZE) refuse(`A page has 1 to ${MAX_SIZE} entries.`, argument);
  return size;
}

/** What the paging arguments ask for; refuses a size outside 1 to 100 and both directions at once. */
export function walkOf(list: Belonging, { first, after, last, before }: PageArgs): Walk {
  const backward = last != null || before != null;
  if (backward && (first != null || after != null)) {
    refuse('Page forward with first and after, or backward with last and before, not both.', 'last');
  }
  const size = sizeOf(backward ? last : first, backward ? 'last' : 'first');
  const cursor = backward ? before : after;
  const from = cursor == null ? null : decode(list, cursor, backward ? 'before' : 'after');
  return { from, backward, limit: size + 1 };
}

async function readPage<Node>(walk: Walk, { read, signature, keyOf, cursorOf }: List<Node>): Promise<Page<Node>> {
  const { from, backward, limit } = walk;
  const found = await read(walk);
  const more = found.length >= limit;
  const nodes = found.slice(0, limit - 1);
  if (backward) nodes.reverse();
  return {
    edges: nodes.map((node) => ({
      node,
      // Written when it is asked for: most pages show one or none of theirs.
      get cursor() {
        return cursorOf?.(node) ?? encode(signature, keyOf(node));
      },
    })),
    hasNextPage: backward ? from !== null : more,
    hasPreviousPage: backward ? more : from !== null,
  };
}

/** Pages a list by key, forward or backward; the arguments are judged at once. */
export function connect<Node>(args: PageArgs, list: List<Node>): Connection<Node> {
  const walk = walkOf(list, args);
  let page: Promise<Page<Node>> | undefined;
  let count: Promise<number> | undefined;
  return {
    page: () => (page ??= readPage(walk, list)),
    totalCount: () => (count ??= list.count()),
    logCursor: list.logCursor ?? null,
  };
}

/** What a caller sees of a list that they may not look into. */
export const nothing: Pick<List<never>, 'read' | 'count'> = { read: async () => [], count: async () => 0 };
