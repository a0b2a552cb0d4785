import { tidySearch } from '../../db/filter-limits.ts';
import { builder } from '../../graphql/builder.ts';
import { countShown } from '../../graphql/shown.ts';
import { Fault } from '../../refusals.ts';
import { LinkedRecord, RecordType } from '../schema.ts';
import { searchRecords } from './lists.ts';

const DEFAULT_SIZE = 10;
const MAX_SIZE = 50;
const ALL = ['ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'] as const;

builder.queryFields((t) => ({
  searchRecords: t.field({
    type: [LinkedRecord],
    description:
      'Records of all kinds for a field in which one picks what a task is about, best first: those that are called exactly so, those whose name begins so, those with words that begin so, and those that hold the words within others; of equal ones the last updated. Every word must be found, in any order and regardless of case, of accents (`jose` finds José) and of how it is composed in Unicode, in the name, company, e-mail, phone number or domain; one of fewer than three letters or digits in a row is found where a word begins, but in Chinese, Japanese and Korean even a single character is found anywhere. A telephone number is found however it is written. Those in the bin are left out. Empty for a query without a letter or digit, and without CRM access.',
    args: {
      query: t.arg.string({ required: true, description: 'What has been typed so far, at most 500 characters.' }),
      types: t.arg({ type: [RecordType], description: 'The kinds to look among; all when absent.' }),
      first: t.arg.int({ description: `How many, 1 to ${MAX_SIZE}; ${DEFAULT_SIZE} when absent.` }),
    },
    resolve: async (_root, { query, types, first }, context) => {
      const limit = first ?? DEFAULT_SIZE;
      if (limit < 1 || limit > MAX_SIZE) {
        throw new Fault('BAD_USER_INPUT', `A search gives 1 to ${MAX_SIZE} records.`, { argument: 'first' });
      }
      const text = tidySearch(query, 'query');
      const { runtime, viewer } = context;
      const found = text === null ? [] : await searchRecords(runtime.db, viewer, text, types ?? ALL, limit);
      return countShown(context, found);
    },
  }),
}));
