import { builder } from './builder.ts';

export const DeletedFilter = builder.enumType('DeletedFilter', {
  description: 'What to do with those in the bin. EXCLUDE when absent.',
  values: {
    EXCLUDE: { description: 'Leave them out.' },
    INCLUDE: { description: 'Show them among the others.' },
    ONLY: { description: 'Show only them.' },
  },
});

export type Deleted = (typeof DeletedFilter)['$inferType'];

export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which way a list runs.',
  values: { ASC: { description: 'Smallest or earliest first.' }, DESC: { description: 'The exact reverse.' } },
});

export const IdFilter = builder.inputType('IdFilter', {
  description: 'Compares an id. Ids of other things match nothing.',
  fields: (t) => ({ eq: t.id(), in: t.idList(), notIn: t.idList() }),
});

export const NullableIdFilter = builder.inputType('NullableIdFilter', {
  description: 'Compares an id that may be absent. What has none matches `notIn`.',
  fields: (t) => ({
    eq: t.id(),
    in: t.idList(),
    notIn: t.idList(),
    isNull: t.boolean({ description: 'True: only those without one; false: only those with one.' }),
  }),
});

export const StringFilter = builder.inputType('StringFilter', {
  description: 'Compares a text. Of several texts, such as tags, one that compares so is enough.',
  fields: (t) => ({
    eq: t.string({ description: 'Exactly this.' }),
    in: t.stringList({ description: 'Exactly one of these; none when it is empty.' }),
    contains: t.string({ description: 'This is a part of it, regardless of case.' }),
  }),
});

export const DateTimeFilter = builder.inputType('DateTimeFilter', {
  description: 'A range of instants. What has none is in no range.',
  fields: (t) => ({
    lt: t.field({ type: 'DateTime', description: 'Before.' }),
    lte: t.field({ type: 'DateTime', description: 'Before, or then.' }),
    gt: t.field({ type: 'DateTime', description: 'After.' }),
    gte: t.field({ type: 'DateTime', description: 'After, or then.' }),
  }),
});
