import type { ObjectRef } from '@pothos/core';
import { tidySearch } from '../db/filter-limits.ts';
import { builder, type Types } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { DeletedFilter } from '../graphql/filters.ts';
import { connect } from '../graphql/paging.ts';
import { recordList } from './listing/lists.ts';
import type { RecordNode } from './loaders.ts';
import { RECORD_TYPES, type RecordName } from './names.ts';
import { findRecord } from './schema.ts';

type NodeOf<Name extends RecordName> = RecordNode<(typeof RECORD_TYPES)[Name]>;

interface RecordQueries<Name extends RecordName> {
  readonly type: ObjectRef<Types, NodeOf<Name>>;
  /** `['account', 'accounts']`: the names of its two root fields. */
  readonly fields: readonly [string, string];
  /** "A part of the name or domain." */
  readonly search: string;
}

/** The lookup and the list of one kind of record, and its connection type. */
export function recordQueries<Name extends RecordName>(
  name: Name,
  { type, fields: [one, many], search: searched }: RecordQueries<Name>,
) {
  const Connection = connectionType<NodeOf<Name>>(name, type, { of: many });
  const a = `${/^[aeiou]/.test(one) ? 'An' : 'A'} ${one}`;
  builder.queryFields((t) => ({
    [one]: t.field({
      type,
      nullable: true,
      description: `${a} by its id, deleted ones included. Null when there is none that the viewer may see.`,
      args: { id: t.arg.id({ required: true, description: `${a}’s id; any other finds nothing.` }) },
      resolve: (_root, { id }, context) => findRecord(name, id, context) as never,
    }),
    [many]: t.field({
      type: Connection,
      description: `The organization’s ${many} by name. Empty without CRM access.`,
      args: {
        search: t.arg.string({ description: searched }),
        deleted: t.arg({
          type: DeletedFilter,
          description: 'Whether those in the bin are included; EXCLUDE when absent.',
        }),
        ...pageArgs(t.arg),
      },
      resolve: (_root, { search, deleted, ...page }, { runtime, viewer }) => {
        const filter = { search: tidySearch(search), deleted: deleted ?? 'EXCLUDE' } as const;
        return connect(page, recordList(runtime.db, viewer, RECORD_TYPES[name], filter)) as never;
      },
    }),
  }));
  return Connection;
}
