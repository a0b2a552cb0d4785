import { WebSocket } from 'ws';
import type { Caller, Gateway } from '../../../support/gateway.ts';

/** What a client shows of a task, all of it kept by changes alone. */
const CARD = `id title description status priority type category tags date completedAt outcome version updatedAt
  isActive isBlocked deletedAt _type position assignee { id } stage { id } completedBy { id }`;

const LIST = `query Kept($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $first: Int, $after: String) {
  tasks(filter: $filter, view: $view, timeZone: $timeZone, first: $first, after: $after) {
    logCursor nodes { ${CARD} } pageInfo { hasNextPage endCursor }
  }
}`;

const CHANGES = `subscription Kept($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $after: String) {
  taskChanged(filter: $filter, view: $view, timeZone: $timeZone, after: $after) {
    cursor change taskId task { ${CARD} } event { kind }
  }
}`;

export interface Asked {
  readonly filter: unknown;
  readonly view: string | null;
  readonly timeZone: string | null;
}

interface Card {
  readonly id: string;
}

interface Page {
  readonly tasks: {
    readonly logCursor: string;
    readonly nodes: readonly Card[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

export interface Told {
  readonly cursor: string;
  readonly change: 'ENTERED' | 'UPDATED' | 'LEFT';
  readonly taskId: string;
  readonly task: Card | null;
  readonly event: { readonly kind: string } | null;
}

/** The list as it is read, all its pages, each task as one text; and where the log stood at the first. */
export async function listOf(gateway: Gateway, caller: Caller, asked: Asked, size = 100) {
  const cards = new Map<string, string>();
  let logCursor: string | null = null;
  for (let after: string | null = null, more = true; more; ) {
    const { tasks } = (await gateway.ask(caller, LIST, { ...asked, first: size, after })) as Page;
    for (const node of tasks.nodes) cards.set(node.id, JSON.stringify(node));
    logCursor ??= tasks.logCursor;
    ({ hasNextPage: more, endCursor: after } = tasks.pageInfo);
  }
  return { cards, logCursor: logCursor as unknown as string };
}

/** `organization.seq.instant`, to be read by whoever looks for what went wrong. */
export const shown = (cursor: string) => {
  const [, seq, at] = Buffer.from(cursor, 'base64url').toString('latin1').split('.');
  return `${seq} at ${new Date(Number(at)).toISOString()}`;
};

/** A client that has read a list once and keeps it by changes alone, whatever becomes of its connection. */
export class Keeper {
  readonly caller: Caller;
  readonly asked: Asked;
  /** What it shows: the tasks' ids, and each as it was told last. */
  cards = new Map<string, string>();
  cursor = '';
  changes = 0;
  /** All that came, in words. */
  readonly diary: string[] = [];
  /** What came although it should not have. */
  readonly oddities: string[] = [];
  /** After so many changes the connection is cut. */
  cutAfter = Number.POSITIVE_INFINITY;
  readonly #gateways: readonly Gateway[];
  #line: WebSocket | null = null;
  #lines = 0;
  /** Whether each change must be one: not after a read while others write, nor what comes again after a cut. */
  #exact = false;
  #settled = 0;
  #isOver = false;

  constructor(gateways: readonly Gateway[], caller: Caller, asked: Asked) {
    this.#gateways = gateways;
    this.caller = caller;
    this.asked = asked;
  }

  get #gateway(): Gateway {
    return this.#gateways[this.#lines % this.#gateways.length] as Gateway;
  }

  get isAway(): boolean {
    return this.#line === null;
  }

  async begin(pageSize: number, isQuiet: boolean): Promise<void> {
    const { cards, logCursor } = await listOf(this.#gateway, this.caller, this.asked, pageSize);
    this.cards = cards;
    this.cursor = logCursor;
    this.#exact = isQuiet;
    this.diary.push(`read ${cards.size} tasks, cursor ${shown(logCursor)}`);
    this.connect();
  }

  connect(): void {
    // What it read anew may arrive when it has gone, or when it has come back another way.
    if (this.#isOver) return;
    this.#line?.terminate();
    this.#lines += 1;
    const gateway = this.#gateway;
    const line = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    this.#line = line;
    const send = (message: object) => line.send(JSON.stringify(message));
    const { token, organizationId } = this.caller;
    const payload = { authorization: `Bearer ${token}`, 'x-organization-id': organizationId };
    this.diary.push(`connect after ${shown(this.cursor)}`);
    line.on('open', () => send({ type: 'connection_init', payload }));
    line.on('error', () => {});
    line.on('close', (code) => {
      if (this.#line !== line) return;
      this.oddities.push(`closed with ${code}`);
      this.#line = null;
    });
    line.on('message', (data) => {
      if (this.#line !== line) return;
      const message = JSON.parse(String(data));
      const variables = { ...this.asked, after: this.cursor };
      if (message.type === 'connection_ack')
        send({ type: 'subscribe', id: '1', payload: { query: CHANGES, variables } });
      else if (message.type === 'next' && !message.payload.errors) this.#handle(message.payload.data.taskChanged);
      else if (message.type === 'next') this.#ended(message.payload.errors);
      else if (message.type === 'error') this.#ended(message.payload);
      else if (message.type === 'complete') this.oddities.push('completed');
    });
  }

  /** Stops in the middle of whatever is on its way. */
  cut(): void {
    const line = this.#line;
    this.#line = null;
    this.#exact = false;
    this.#settled = 0;
    this.diary.push('cut');
    line?.terminate();
  }

  /** Goes, and does not come back. */
  leave(): void {
    this.#isOver = true;
    this.cut();
  }

  /** Nobody writes, and it is the list: from the second time on a connection nothing can come again. */
  settle(): void {
    this.#settled += 1;
    if (this.#settled > 1) this.#exact = true;
  }

  #ended(errors: readonly { readonly extensions: { readonly code: string } }[]): void {
    this.cut();
    const code = errors[0]?.extensions.code;
    this.diary.push(`ended ${JSON.stringify(errors)}`);
    if (code !== 'RESYNC_REQUIRED') this.oddities.push(`ended ${JSON.stringify(errors)}`);
    else this.begin(100, false).catch((error) => this.oddities.push(String(error)));
  }

  #handle({ cursor, change, taskId, task, event }: Told): void {
    const was = this.cards.has(taskId);
    this.diary.push(`${change} ${taskId} ${event?.kind ?? 'time'}, cursor ${shown(cursor)}, ${task ? 'seen' : 'gone'}`);
    if (this.#exact && was === (change === 'ENTERED')) this.oddities.push(this.diary.at(-1) as string);
    this.cursor = cursor;
    this.changes += 1;
    if (change === 'LEFT') this.cards.delete(taskId);
    else this.cards.set(taskId, task ? JSON.stringify(task) : 'gone');
    this.cutAfter -= 1;
    if (this.cutAfter <= 0) this.cut();
  }
}
