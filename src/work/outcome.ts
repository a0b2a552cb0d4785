/** Proof that a job's end was written in its effect's transaction. */
export class Settled {
  /** When it is due again; null when it is over. */
  readonly dueAt: Date | null;
  constructor(dueAt: Date | null) {
    this.dueAt = dueAt;
  }
}

/** Thrown by a final write whose lease is not ours any more; rolls back all that was written with it. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
  constructor() {
    super('The lease was lost: somebody else has this, or has done it.');
  }
}

/** A failed attempt, with the code that is kept. Any other error counts as one too. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
