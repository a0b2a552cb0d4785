import { isIdPart, isInstantPart, keyOfParts, type List } from '../graphql/paging.ts';
import type { createCommentLoaders } from './loaders.ts';
import type { Comment, SubjectType } from './store.ts';

/** What was said about a task or an activity that the viewer sees, newest first. */
export const commentList = (
  { comments }: ReturnType<typeof createCommentLoaders>,
  type: SubjectType,
  id: bigint,
): List<Comment> => ({
  signature: `comments ${type}`,
  keyOf: ({ createdAt, id }) => [createdAt.getTime(), String(id)],
  isKey: keyOfParts(isInstantPart, isIdPart),
  read: (walk) => comments[type].page(walk, id),
  count: () => comments[type].count(id),
});
