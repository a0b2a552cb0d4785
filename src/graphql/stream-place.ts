/**
 * How an event stream is taken up again where it was cut: each event carries an id, and a client that comes back sends the
 * last one that it has. What answers the events writes here which id that is; what carries them reads it.
 */
export interface StreamPlace {
  /** What the client came back with; null when it begins. */
  readonly lastEventId: string | null;
  /** The id of the event that was answered last, and of the beginning before there was one. One line of text. */
  eventId: string | null;
}
