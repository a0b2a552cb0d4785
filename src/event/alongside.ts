import { EventKind } from '../db/generated/prisma/enums.ts';
import type { NewEvent } from './log.ts';

const RANKS = new Map(Object.values(EventKind).map((kind, rank) => [kind, rank]));
// What has been tagged is told before what has been changed; for the rest, kinds come as they are declared.
const rank = (kind: EventKind): number =>
  kind === 'TAG_ADDED' ? rank('TASK_UPDATED') - 0.5 : (RANKS.get(kind) as number);

/** An event among others, each of which knows its neighbours: so one comes between two without moving the rest. */
interface Place {
  /** What it was at first, and what has become part of it. */
  readonly parts: NewEvent[];
  previous: Place;
  next: Place;
}

const kindOf = ({ parts }: Place) => (parts[0] as NewEvent).kind;

function placeBehind(previous: Place, event: NewEvent): Place {
  const place = { parts: [event], previous, next: previous.next };
  previous.next.previous = place;
  previous.next = place;
  return place;
}

/** The events of one subject. */
interface Own {
  /** In order. */
  readonly places: Place[];
  /** The first of each kind. */
  readonly byKind: Map<EventKind, Place>;
}

/** An event that has become more than it was. */
const whole = (parts: readonly NewEvent[]): NewEvent => ({
  ...(parts[0] as NewEvent),
  changes: parts.flatMap(({ changes }) => changes),
  notify: parts.flatMap(({ notify = [] }) => notify),
});

/**
 * Events beside what happened already: each next to those of its subject, in the order of kinds, and as a part of the one
 * of its kind. Every subject is looked up by its id, so that a thousand come to thousands in no time: a subject's events are
 * gone through once a kind, and no others.
 */
export function alongside(events: readonly NewEvent[], added: readonly NewEvent[]): readonly NewEvent[] {
  // Stands before the first and behind the last.
  const ends = { parts: [] } as Partial<Place> as Place;
  ends.previous = ends;
  ends.next = ends;
  const bySubject = new Map<string, Own>();
  const ownOf = ({ subject: { type, id } }: NewEvent): Own => {
    const name = `${type} ${id}`;
    const own = bySubject.get(name) ?? { places: [], byKind: new Map() };
    bySubject.set(name, own);
    return own;
  };
  for (const event of events) {
    const { places, byKind } = ownOf(event);
    const place = placeBehind(ends.previous, event);
    places.push(place);
    if (!byKind.has(event.kind)) byKind.set(event.kind, place);
  }
  for (const event of added) {
    const { places, byKind } = ownOf(event);
    const twin = byKind.get(event.kind);
    if (twin) {
      twin.parts.push(event);
      continue;
    }
    const at = places.findLastIndex((place) => rank(kindOf(place)) < rank(event.kind));
    const place = placeBehind((places[at] ?? places[0]?.previous ?? ends.previous) as Place, event);
    places.splice(at + 1, 0, place);
    byKind.set(event.kind, place);
  }
  const all: NewEvent[] = [];
  for (let { next } = ends; next !== ends; next = next.next)
    all.push(next.parts.length === 1 ? (next.parts[0] as NewEvent) : whole(next.parts));
  return all;
}
