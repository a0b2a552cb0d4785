import { builder } from '../graphql/builder.ts';

export const ActivityType = builder.enumType('ActivityType', {
  description: 'How people met.',
  values: {
    CALL: { description: 'A phone call.' },
    EMAIL: { description: 'An e-mail.' },
    MEETING: { description: 'A meeting, in person or virtual.' },
    SITE_VISIT: { description: 'A meeting on premise.' },
    CHAT: { description: 'A conversation by instant messages.' },
    SMS: { description: 'A text message.' },
    REVIEW: { description: 'A discussion of how things go.' },
    PRESENTATION: { description: 'A presentation or demonstration.' },
    TRAINING: { description: 'A training of the customer’s people.' },
  },
});

export const ActivityStatus = builder.enumType('ActivityStatus', {
  description: 'Whether it took place.',
  values: {
    PENDING: { description: 'Planned, or not yet said to have taken place.' },
    COMPLETED: { description: 'It took place.' },
    CANCELLED: { description: 'It does not take place, or did not.' },
  },
});

export const ActivityVisibility = builder.enumType('ActivityVisibility', {
  description: 'Who sees an activity.',
  values: {
    ORGANIZATION: { description: 'Everyone in the organization with CRM access.' },
    PRIVATE: {
      description:
        'Its creator and those of its participants who are people of the organization. Nobody else, admins included.',
    },
  },
});

export const Direction = builder.enumType('Direction', {
  description: 'Who began it.',
  values: {
    INBOUND: { description: 'The customer.' },
    OUTBOUND: { description: 'Someone of the organization.' },
  },
});
