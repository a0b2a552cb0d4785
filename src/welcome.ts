import type { GraphiqlPage } from './server/graphiql.ts';

/** What a person is told when the gateway runs. */
export function welcome(running: {
  readonly url: string;
  readonly token: string | null;
  /** Of the embedded database, and the folder whose secret goes with it. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly graphiql: boolean;
}): string {
  const { url, token, databaseUrl, dataDir, graphiql } = running;
  const lines = [`Taskwire answers at ${url}/graphql${graphiql ? ' (open it in a browser for GraphiQL)' : ''}`];
  if (token) {
    lines.push(
      '',
      'The demo organization’s people (npm run -s token -- EMAIL prints a token):',
      '  admin@demo.example    ADMIN',
      '  member@demo.example   MEMBER',
      '  viewer@demo.example   VIEWER',
      '  limited@demo.example  MEMBER without CRM access',
      'and admin@other.example, ADMIN of the organization Other.',
      '',
      'A token of admin@demo.example, good for 30 days:',
      token,
    );
  }
  if (databaseUrl) {
    lines.push(
      '',
      'A second gateway on the same database:',
      `  TASKWIRE_DATA=${dataDir} DATABASE_URL=${databaseUrl} PORT=4001 npm start`,
    );
  }
  return lines.join('\n');
}

const TABS = [
  `# My open tasks, the most urgent date first.
query MyTasks {
  tasks(filter: { assignee: { isMe: true } }, first: 10) {
    totalCount
    nodes { id title status date isOverdue account { name } }
  }
}
`,
  `# Who could do it, and for whom?
query PeopleAndAccounts {
  memberships(first: 10) { nodes { user { id name } role } }
  accounts(first: 10) { nodes { id name } }
}
`,
  `# Create a task and assign it. Put ids from the second tab into the variables below.
mutation CreateTask($input: CreateTaskInput!) {
  createTask(input: $input) {
    task { id title date assignee { name } version }
    errors { code message path }
  }
}
`,
  `# Runs until you stop it: whatever is assigned to you appears here.
subscription Assigned {
  taskAssigned {
    cursor
    actor { name }
    task { id title date account { name } }
  }
}
`,
];

/** GraphiQL as it opens: tabs that work, signed in as the demo's admin where there is a demo. */
export function graphiqlPage(token: string | null): GraphiqlPage {
  const headers = JSON.stringify(token ? { Authorization: `Bearer ${token}` } : {}, null, 2);
  const variables = JSON.stringify(
    { input: { title: 'Call them back', accountId: 'acct_…', assigneeId: 'user_…' } },
    null,
    2,
  );
  const tabs = TABS.map((query) => ({ query, ...(query.includes('$input') && { variables }) }));
  return { title: 'Taskwire', tabs, headers };
}
