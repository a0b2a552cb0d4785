import { builder } from '../graphql/builder.ts';
import { OrderDirection } from '../graphql/filters.ts';

const TaskOrderField = builder.enumType('TaskOrderField', {
  description: 'What tasks are ordered by.',
  values: {
    DATE: {
      description:
        'A day counts as its midnight in the list’s zone and comes before an instant at the same moment; undated ones come last in both directions.',
    },
    CREATED_AT: { description: 'When it was created.' },
    UPDATED_AT: { description: 'When a field of its own last changed.' },
    COMPLETED_AT: { description: 'When it was completed; what is not comes last in both directions.' },
    PRIORITY: { description: 'Ascends from LOW.' },
    POSITION: {
      description:
        'Its place within the stage. Only of one stage: in `Stage.tasks`, or where the filter must hold one stage by `stageId`.',
    },
  },
});

export const TaskOrder = builder.inputType('TaskOrder', {
  description: 'One term of an order. Ties go by `id`, in the direction of the last term.',
  fields: (t) => ({
    field: t.field({ type: TaskOrderField, required: true }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'ASC' }),
  }),
});
