import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { readLogCursor } from '../event/service.ts';
import type { Context } from './context.ts';

/**
 * Lets every subscription whose events have a `cursor` be taken up again over server-sent events, whether that is selected
 * or not: the id of each event is its cursor, and the Last-Event-ID that a client comes back with takes the place of
 * `after`. A stream that begins without either begins at a place that it is told, so that nothing is missed by a client
 * that is cut off before its first event.
 */
export function resumable(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const type = getNamedType(field.type);
    const cursor = isObjectType(type) ? type.getFields()['cursor'] : undefined;
    const { subscribe, resolve } = field;
    if (!cursor?.resolve || !subscribe || !resolve || !field.args.some(({ name }) => name === 'after')) continue;
    const cursorOf = cursor.resolve;

    field.subscribe = async (root, args, context: Context, info) => {
      const { streamPlace: place, runtime } = context;
      if (!place) return subscribe(root, args, context, info);
      const after = place.lastEventId ?? args.after ?? (await readLogCursor(runtime, context.viewer));
      const events = await subscribe(root, { ...args, after }, context, info);
      place.eventId = after;
      return events;
    };
    field.resolve = async (delivered, args, context: Context, info) => {
      const event = await resolve(delivered, args, context, info);
      if (context.streamPlace) context.streamPlace.eventId = String(await cursorOf(event, {}, context, info));
      return event;
    };
  }
  return schema;
}
