import type { GraphiqlPage } from './server/graphiql.ts';

/** What the tabs are filled in with where there is a demo: tokens, and ids that its people would look up first. */
export interface Examples {
  readonly adminToken: string;
  /** Of Max, whom the second tab gives a task, and as whom the third one listens. */
  readonly memberToken: string;
  readonly memberId: string;
  /** Null when somebody has taken all accounts away. */
  readonly accountId: string | null;
}

const INBOX = `# What is on my desk: open, and due today or earlier, or undated. Of every kind, not only to-dos:
# without \`_type\` a list holds LEAD tasks alone.
query MyInbox {
  viewer { user { name } timeZone }
  tasks(view: INBOX, filter: { assignee: { isMe: true }, _type: { any: true } }, first: 10) {
    totalCount
    nodes { id _type title date isOverdue priority linkedRecord { displayName } }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const CREATE = `# Create a task and assign it: Max hears of it at once (the next tab, in a second window).
mutation CreateAndAssign($input: CreateTaskInput!) {
  createTask(input: $input) {
    task { id title date view assignee { name } account { name } version }
    errors { code message path }
  }
}
`;

const LIVE = `# Signed in as Max (see Headers). Runs until you stop it: whatever others assign to him appears here.
subscription Assigned {
  taskAssigned {
    cursor
    actor { name }
    task { id title date account { name } }
  }
}
`;

const BOARD = `# A board: the stages of each pipeline, how many cards they hold, and the first of them.
query Board {
  pipelines {
    name
    stages {
      name
      color
      isDefault
      isWon
      taskCount
      tasks(first: 5) { nodes { id title position assignee { name } linkedRecord { displayName } } }
    }
  }
}
`;

const ACCOUNT = `# An account's page.
query AccountPage {
  accounts(search: "Acme", first: 1) {
    nodes {
      id
      name
      domain
      owner { name }
      contacts(first: 5) { nodes { displayName email phone } }
      opportunities(first: 5) { nodes { name value currency status closeDate } }
      tasks(filter: { isOpen: true, _type: { any: true } }, first: 5) { totalCount nodes { title date status } }
      timeline(first: 10) {
        nodes { at item { __typename ... on Activity { type subject: title location } ... on Task { _type title status } } }
      }
    }
  }
}
`;

const FILTERS = `# Filters are trees: late or due this week, of nobody or of me, and not waiting for somebody else.
query WhatNext {
  tasks(
    filter: {
      or: [{ due: OVERDUE }, { due: THIS_WEEK }]
      assignee: { isNull: true }
      not: { status: { eq: ON_HOLD } }
      isOpen: true
    }
    orderBy: [{ field: PRIORITY, direction: DESC }, { field: DATE }]
    first: 10
  ) {
    totalCount
    nodes { title type priority date account { name } }
  }
}
`;

const headersOf = (token: string | undefined) =>
  JSON.stringify(token === undefined ? {} : { Authorization: `Bearer ${token}` }, null, 2);

/** GraphiQL as it opens: tabs that work, signed in as the demo's people where there is a demo. */
export function graphiqlPage(examples: Examples | null): GraphiqlPage {
  const headers = headersOf(examples?.adminToken);
  const input = {
    title: 'Call them back',
    accountId: examples?.accountId ?? 'acct_…',
    assigneeId: examples?.memberId ?? 'user_…',
  };
  const tabs = [
    { query: INBOX },
    { query: CREATE, variables: JSON.stringify({ input }, null, 2) },
    { query: LIVE, headers: headersOf(examples?.memberToken) },
    { query: BOARD },
    { query: ACCOUNT },
    { query: FILTERS },
  ];
  return { title: 'Taskwire', tabs, headers };
}
