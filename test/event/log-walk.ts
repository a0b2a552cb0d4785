import { graphql } from '../generated/index.ts';
import type { Caller, Gateway } from '../support/gateway.ts';

export const LogPage = graphql(`
  query LogPage($after: String, $first: Int) {
    events(after: $after, first: $first) {
      edges { cursor node { id cursor } }
      nodes { id kind subjectId at actor { id } task { id title } record { __typename } activity { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

/** A page of the log as someone sees it. */
export const logPage = async (gateway: Gateway, by: Caller, after?: string, first?: number) =>
  (await gateway.ask(by, LogPage, { after: after ?? null, first: first ?? null })).events;

/** All pages from a place on, one after the other. */
export async function walkLog(gateway: Gateway, by: Caller, first: number, after?: string) {
  const pages = [await logPage(gateway, by, after, first)];
  for (let last = pages[0]; last?.pageInfo.hasNextPage; last = pages.at(-1)) {
    pages.push(await logPage(gateway, by, last.pageInfo.endCursor as string, first));
  }
  return { pages, nodes: pages.flatMap(({ nodes }) => nodes), end: pages.at(-1)?.pageInfo.endCursor as string };
}
