import { Database } from '../../src/db/database.ts';
import { composed } from '../../src/db/statement.ts';
import { type Actor, commit, type NewEvent, type NewNotification } from '../../src/event/log.ts';
import { newUid } from '../../src/ids.ts';
import { addMember } from '../../src/organization/service.ts';
import type { Gateway } from '../support/gateway.ts';

/** An organization as the log sees it. */
export interface House {
  readonly id: bigint;
  readonly assistantId: bigint;
  readonly actor: Actor;
}

export async function foundHouse(gateway: Gateway, name = 'House'): Promise<House> {
  const organization = await gateway.organization(name);
  return {
    ...organization,
    actor: { organizationId: organization.id, userId: organization.assistantId, kind: 'SYSTEM' },
  };
}

let people = 0;

/** Someone new in the house; gives their inner id. */
export async function moveIn(gateway: Gateway, house: House): Promise<bigint> {
  people += 1;
  const person = {
    email: `person${people}@house.example`,
    name: `Person ${people}`,
    role: 'MEMBER',
    crmAccess: true,
  } as const;
  return (await addMember(gateway.app.runtime, house, person)).userId;
}

/** Something that happened to nothing in particular; `notify` is told of it. */
export const happening = (house: House, notify: readonly NewNotification[] = [], note: unknown = null): NewEvent => ({
  kind: 'ORGANIZATION_CHANGED',
  subject: { type: 'ORGANIZATION', id: house.id, uid: newUid() },
  changes: [{ field: 'note', from: null, to: note }],
  notify,
});

/** Appends events in a transaction of their own, as a use case would. */
export const append = ({ app }: Gateway, house: House, events: readonly NewEvent[]) =>
  commit(app.runtime, house.actor, app.runtime.now(), async () => ({ ok: true, value: null, events }));

/** Rows by any statement that begins with the organization. */
export const rows = <Row>({ app }: Gateway, text: string, organizationId: bigint, params: readonly unknown[] = []) =>
  app.runtime.db.rows<Row>(composed('test.look', text), organizationId, params);

/** Runs statements as they are: tables, triggers and what else only a test makes. */
export const execute = ({ app }: Gateway, text: string) => app.runtime.db.global(composed('test.prepare', text));

/** Another process's database, as far as connections and turns go. */
export const anotherDatabase = ({ database }: Gateway, size: number) =>
  new Database({ url: database.url, size, statementTimeout: 20_000, onError: () => {} });
