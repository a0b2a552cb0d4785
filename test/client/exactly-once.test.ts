import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resume } from '../../src/client/resume.ts';
import { errors, event, FakeServer, type Operation, query, type Told } from './fake-server.ts';

// The log of a server that delivers at least once, from any cursor. A step is one event, or several that are one: all but
// the last bear the cursor from before the step, and how they are told is judged anew each time.

interface Life {
  /** How many events each step has. */
  readonly steps: readonly number[];
  readonly connections: readonly {
    /** How many events it delivers until it ends. */
    readonly lasts: number;
    /** How many steps before `after` it delivers once more. */
    readonly repeats: number;
    /** How it ends; `retried` is a client that connects again by itself, with the same payload. */
    readonly ends: 'closed' | 'failed' | 'completed' | 'unanswered' | 'retried';
  }[];
  /** How many events the consumer takes before it pauses. */
  readonly pace: number;
  readonly buffered: number;
}

const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 6 })), {
    maxLength: 30,
  }),
  connections: fc.array(
    fc.record({
      lasts: fc.nat({ max: 12 }),
      repeats: fc.nat({ max: 3 }),
      ends: fc.constantFrom('closed', 'failed', 'completed', 'unanswered', 'retried'),
    }),
    { maxLength: 12 },
  ),
  pace: fc.integer({ min: 1, max: 10 }),
  buffered: fc.integer({ min: 0, max: 20 }),
});

const START = 'c0';

/** What one connection delivers after a cursor: the steps from there on, as it judges them. */
function delivered(steps: readonly number[], after: string, repeats: number, connection: number): Told[] {
  const from = Number(after.slice(1));
  return steps.flatMap((size, index) => {
    if (index < from - repeats) return [];
    // One event is told alike by all. Of a step of several, each connection tells its own version.
    if (size === 1) return [{ cursor: `c${index + 1}`, id: `s${index}` }];
    // Only what was told before is repeated: a step that was handed over whole is no longer judged.
    const version = index < from ? 'repeated' : `v${connection}`;
    return Array.from({ length: size }, (_, part) => ({
      cursor: part === size - 1 ? `c${index + 1}` : `c${index}`,
      id: `s${index}.${part}`,
      change: version,
    })).filter(() => version !== 'repeated');
  });
}

function serve({ steps, connections }: Life): FakeServer {
  let count = 0;
  const connect = (operation: Operation, server: FakeServer): void => {
    const { lasts, repeats, ends } = connections[count] ?? { lasts: Number.POSITIVE_INFINITY, repeats: 0, ends: null };
    count += 1;
    const after = operation.payload.variables?.['after'] as string;
    const events = delivered(steps, after, repeats, count);
    const deliver = async () => {
      for (const told of events.slice(0, lasts)) {
        await null;
        if (!operation.isOpen) return;
        operation.sink.next(event(told));
      }
      if (ends === null || !operation.isOpen) return;
      if (ends === 'closed') operation.sink.error({ code: 1006, reason: '' });
      if (ends === 'failed') operation.sink.error(new Error('connect ECONNREFUSED'));
      if (ends === 'completed') operation.sink.complete();
      if (ends === 'unanswered') operation.sink.next({ data: null, errors: errors('SERVICE_UNAVAILABLE') });
      if (ends !== 'retried') return;
      server.tell('connected');
      connect(operation, server);
    };
    void deliver();
  };
  return new FakeServer(connect);
}

it('hands over each event once, in order, and what is told in several only whole', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (given) => {
      const server = serve(given);
      const payload = { query, variables: { after: START } };
      const events = resume<{ told: Told }>(server, payload, { waitMs: () => 0, buffered: given.buffered });
      const taken: Told[] = [];
      const total = given.steps.reduce((sum, size) => sum + size, 0);
      while (taken.length < total) {
        const { value } = await events.next();
        taken.push(value?.data?.told as Told);
        if (taken.length % given.pace === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(taken.map(({ id }) => id)).toEqual(
        given.steps.flatMap((size, index) =>
          size === 1 ? [`s${index}`] : Array.from({ length: size }, (_, part) => `s${index}.${part}`),
        ),
      );
      // All of a step as one connection told it.
      for (const index of given.steps.keys()) {
        const versions = taken.filter(({ id }) => id.startsWith(`s${index}.`)).map(({ change }) => change);
        expect(new Set(versions).size).toBeLessThan(2);
      }
      expect(events.cursor).toBe(`c${given.steps.length}`);
      await events.return();
      await new Promise((resolve) => setImmediate(resolve));
      expect(server.open).toEqual([]);
      expect(server.listeners).toBe(0);
    }),
    { numRuns: 200 },
  );
});
