import { OperationTypeNode } from 'graphql';
import { refuse } from '../graphql/errors.ts';
import { mediaTypes, readAccept } from './accept.ts';
import { httpCaller } from './caller-request.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import { asGraphQLError, type OperationRequest, type OperationResult } from './operations.ts';
import type { Shared } from './shared.ts';

export type Operate = (asked: OperationRequest, request: Request, exchange: Exchange) => Promise<OperationResult>;

/**
 * Runs what an HTTP request asks for: who is it, what is it, may it come this way, and only then its context. Never
 * throws. A subscription leaves its place and its end with the exchange.
 */
export function createOperate<Caller, Context extends object>(edge: Edge<Caller, Context>, shared: Shared): Operate {
  const { operations, connections } = shared;
  return async (asked, request, exchange) => {
    try {
      const caller = httpCaller(request, exchange);
      const known = await edge.authenticate(caller);
      const operation = operations.check(asked);
      if (operation.errors) return operation;
      const { definition } = operation;
      exchange.operationName = definition.name?.value ?? null;
      const kind = definition.operation;
      if (kind === OperationTypeNode.MUTATION && request.method === 'GET') throw mutationByGet();
      if (kind === OperationTypeNode.SUBSCRIPTION) {
        if (!readAccept(request.headers.get('accept')).events) throw subscriptionAsJson();
        const leave = connections.take(known ? edge.callerKey(known) : '');
        if (!leave) throw refuse('RATE_LIMITED', 'Too many sockets and event streams are open.');
        exchange.leave = leave;
        exchange.endsAt = known && edge.expiresAt(known);
      }
      return await operations.run(operations.argumentsOf(operation, await edge.context(known, caller)));
    } catch (error) {
      return { errors: [asGraphQLError(error)] };
    }
  };
}

const mutationByGet = () =>
  refuse('BAD_USER_INPUT', 'Send mutations by POST.', {}, { status: 405, headers: { allow: 'POST' } });

const subscriptionAsJson = () =>
  refuse('BAD_USER_INPUT', `Subscribe by WebSocket, or accept ${mediaTypes.events}.`, {}, { status: 406 });
