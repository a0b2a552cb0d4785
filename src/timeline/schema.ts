import { Activity } from '../activity/schema.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { connect } from '../graphql/paging.ts';
import { RECORD_TYPES } from '../record/names.ts';
import { LinkedRecord } from '../record/schema.ts';
import { Task } from '../task/schema.ts';
import { type Entry, timelineOf } from './lists.ts';

const TimelineItem = builder.unionType('TimelineItem', {
  description: 'What stands in the timeline of a record.',
  types: [Activity, Task],
  resolveType: (item) => (item as Entry['item']).__typename,
});

const TimelineEntry = builder.objectRef<Entry>('TimelineEntry').implement({
  description: 'An activity or a task in the timeline of a record.',
  fields: (t) => ({
    at: t.field({
      type: 'DateTime',
      description:
        'Where it stands: an activity at its `activityTimestamp`; a task at its completion [CLOSE-52], else at its date (a day at its start in the organization’s zone), else at its creation.',
      resolve: ({ at }) => new Date(at),
    }),
    item: t.field({ type: TimelineItem, description: 'What stands there.', resolve: ({ item }) => item }),
  }),
});

const TimelineConnection = connectionType<Entry>('Timeline', TimelineEntry, { of: 'a timeline' });

builder.interfaceField(LinkedRecord, 'timeline', (t) =>
  t.field({
    type: TimelineConnection,
    description:
      'Its activities and its tasks of every kind in one list, newest first, so that what lies ahead comes first; at the same moment activities come before tasks. What is linked to it or to a record that derives it: an account’s holds the tasks of its contacts, its opportunities and the leads that were converted to it, and every activity that names it as its account, even one of a contact or opportunity that has moved to another since. Completing a task moves it to its completion and does not take it out; what is in the bin is left out. Private activities only for those who may see them; empty without CRM access [THENA-A01, PARSA-14, PARSA-21, PARSA-23].',
    args: pageArgs(t.arg),
    resolve: ({ id, __typename }, args, { loaders, viewer }) =>
      connect(args, timelineOf(viewer, loaders.timelines(viewer, RECORD_TYPES[__typename]), id)),
  }),
);
