import { builder } from '../graphql/builder.ts';
import { selects } from '../graphql/selects.ts';
import { pageLog } from './log-list.ts';
import { EventConnection } from './schema.ts';

/** All but the count. */
const PAGE = ['edges', 'nodes', 'pageInfo'];

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    description:
      'The organization’s log, oldest first: for integrations that must miss nothing. It goes forward only. Give the last `endCursor` as `after`, and go on while `hasNextPage`; later, the same `endCursor` brings what has happened since. All cursors are log cursors, `endCursor` is never null, and it may lie behind the last entry. Of what the viewer may not see nothing is told: a page looks at a bounded stretch of the log, and may be shorter than `first`, even empty, with `hasNextPage` true and an `endCursor` that has moved on. Tasks are judged as they are now, by how they last were once they are gone; activities as they are now; members, keys and the organization are for admins; pipelines for all; all else is for those with CRM access. `totalCount` counts what is kept and can be seen, and may end in TIMEOUT on a long log. RESYNC_REQUIRED when `after` is of another organization, newer than the log, or older than what is kept (90 days, a setting).',
    args: {
      after: t.arg.string({
        description:
          'A log cursor: that of an event, of a page’s end, or a `logCursor`; exclusive. Absent: from the beginning of what is kept.',
      }),
      first: t.arg.int({ description: 'Entries at most, 1 to 100; 25 when it is not given.' }),
    },
    resolve: async (_root, args, { runtime, viewer }, info) => {
      const connection = pageLog(runtime, viewer, args);
      // Read here, so that a place that is not kept is one error, of the field that was given it.
      if (PAGE.some((field) => selects(info, field))) await connection.page();
      return connection;
    },
  }),
);
