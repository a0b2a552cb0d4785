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
      'Its activities and its tasks of every kind in one list, newest first, so that what lies ahead comes first; at the same moment activities come before tasks. Linked to it or to a record that it derives from: an account’s holds those of its contacts and opportunities, and the activities that name it as their account, even once their contact or opportunity has moved to another. Completed tasks stay in it; what is in the bin does not, nor what an automation has yet to do. Private activities only for those who may see them; empty without CRM access [THENA-A01, PARSA-14, PARSA-21, PARSA-23].',
    args: pageArgs(t.arg),
    resolve: ({ id, __typename }, args, { loaders, viewer }) =>
      connect(args, timelineOf(viewer, loaders.timelines(viewer, RECORD_TYPES[__typename]), id)),
  }),
);
