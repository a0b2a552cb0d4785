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
