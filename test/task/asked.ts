import type { Caller } from '../support/gateway.ts';
import type { World } from './world.ts';

/** The names of the statements that an operation took, but for the one that found out who calls. */
export async function statementsOf(
  { gateway, admin }: World,
  query: string,
  variables: object = {},
  caller: Caller = admin,
): Promise<string[]> {
  const [first, ...sent] = await gateway.statementsOf(() => gateway.ask(caller, query, variables));
  if (first !== 'auth.standingsByUser') throw new Error(`${first} came first`);
  return sent;
}
