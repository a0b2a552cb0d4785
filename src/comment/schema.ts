import { Activity } from '../activity/schema.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { Node, registerNode } from '../graphql/node.ts';
import { connect } from '../graphql/paging.ts';
import { INPUT, payloadType } from '../graphql/payload.ts';
import { present } from '../graphql/present.ts';
import { encodeId } from '../ids.ts';
import { User } from '../organization/schema.ts';
import { Task } from '../task/schema.ts';
import { commentList } from './lists.ts';
import { addComment } from './service.ts';

const Comment = builder.prismaObject('Comment', {
  description: 'What someone said about a task or an activity. Whoever sees that sees it.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ resolve: ({ uid }) => encodeId('Comment', uid) }),
    body: t.exposeString('body', { description: 'As it was written; at most 32 KiB.' }),
    author: t.field({
      type: User,
      description: 'Who said it, or whose key.',
      resolve: async ({ authorId }, _args, { loaders }) => present(await loaders.user.load(authorId)),
    }),
    mentions: t.field({
      type: [User],
      description: 'Whom it mentions, each once, in the order they were named; at most 50.',
      resolve: ({ mentionIds }, _args, { loaders }) =>
        Promise.all(mentionIds.map(async (id) => present(await loaders.user.load(id)))),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    version: t.exposeInt('version', { description: '1: what was said stays as it is.' }),
  }),
});
registerNode('Comment', ({ uid }, { loaders, viewer }) => loaders.commentByUid(viewer).load(uid));

const CommentConnection = connectionType('Comment', Comment, { of: 'comments' });

builder.objectField(Task, 'comments', (t) =>
  t.field({
    type: CommentConnection,
    description: 'What was said about it, newest first [THENA-T31].',
    args: pageArgs(t.arg),
    resolve: ({ id }, page, { loaders }) => connect(page, commentList(loaders, 'TASK', id)),
  }),
);

builder.objectField(Activity, 'comments', (t) =>
  t.field({
    type: CommentConnection,
    description: 'What was said about it, newest first; what `completeActivity` noted stands here, too [THENA-A17].',
    args: pageArgs(t.arg),
    resolve: ({ id }, page, { loaders }) => connect(page, commentList(loaders, 'ACTIVITY', id)),
  }),
);

const AddCommentInput = builder.inputType('AddCommentInput', {
  description: 'What to say, about what, and to whom.',
  fields: (t) => ({
    subjectId: t.id({ required: true, description: 'A task’s or an activity’s id; of any kind, not in the bin.' }),
    body: t.string({
      required: true,
      description: 'At least one character that can be seen, at most 32 KiB; kept as it is.',
    }),
    mentionIds: t.idList({
      required: true,
      defaultValue: [],
      description: 'Users’ ids, at most 50: active people of the organization who may see the subject.',
    }),
  }),
});

const AddCommentPayload = payloadType<{ readonly uid: string }>('AddCommentPayload', {
  description: 'The new comment.',
  fields: (t) => ({
    comment: t.field({
      type: Comment,
      nullable: true,
      description: 'Null when it was refused.',
      resolve: ({ value }, _args, { loaders, viewer }) => value && loaders.commentByUid(viewer).load(value.uid),
    }),
  }),
});

builder.mutationField('addComment', (t) =>
  t.field({
    type: AddCommentPayload,
    description:
      'Comments a task or an activity that the viewer sees. Whoever is mentioned is told so; else a task’s watchers and assignee, or an activity’s creator and participants, are told that it was commented: never the author, nor who may not see it. The subject itself does not change, nor does its version.',
    args: { input: t.arg({ type: AddCommentInput, required: true, description: INPUT }) },
    resolve: (_root, { input }, { runtime, viewer }) => addComment(runtime, viewer, input),
  }),
);
