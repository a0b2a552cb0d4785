import { describe, expect, it, vi } from 'vitest';
import { resuming } from '../../src/client/resume.ts';
import { errors, event, FakeServer, query } from './fake-server.ts';

const told = { cursor: 'c1', id: 'task 1' };
const start = { query, variables: { after: 'c0' } };
const newSink = () => ({ next: vi.fn(), error: vi.fn(), complete: vi.fn() });

describe('a client made resuming', () => {
  it('forwards events to a sink, errors too, and stops when told', async () => {
    const ends = [{ code: 1006, reason: '' }, errors('FORBIDDEN')];
    const server = new FakeServer(({ sink }) =>
      queueMicrotask(() => {
        if (ends.length === 2) sink.next(event(told));
        if (ends.length > 0) sink.error(ends.shift());
      }),
    );
    const client = { subscribe: server.subscribe.bind(server), extra: 1 };
    const live = resuming(client, { waitMs: () => 0 });
    expect(live.extra).toBe(1);
    const sink = newSink();
    live.subscribe(start, sink);
    await vi.waitFor(() => expect(sink.error).toHaveBeenCalledWith(expect.objectContaining({ code: 'FORBIDDEN' })));
    expect(sink.next.mock.calls).toEqual([[event(told)]]);
    const dispose = live.subscribe(start, sink);
    await vi.waitFor(() => expect(server.operations).toHaveLength(3));
    dispose();
    expect(server.open).toEqual([]);
    await vi.waitFor(() => expect(sink.complete).toHaveBeenCalledOnce());
  });

  it('tells the sink, and throws nothing, where a query cannot be resumed', async () => {
    const sink = newSink();
    const server = new FakeServer();
    const dispose = resuming(server).subscribe({ query: 'subscription { told { cursor } }' }, sink);
    await vi.waitFor(() => expect(sink.error).toHaveBeenCalledOnce());
    expect(sink.error).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining('declares $after') }),
    );
    dispose();
    expect(server.operations).toEqual([]);
    expect(sink.complete).not.toHaveBeenCalled();
  });
});
