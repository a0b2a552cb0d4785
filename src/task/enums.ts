import { builder } from '../graphql/builder.ts';

export const TaskKind = builder.enumType('TaskKind', {
  description: 'Where a task came from.',
  values: {
    LEAD: { description: 'Someone, or an automation, created it: a to-do.' },
    INCOMING_EMAIL: {
      description:
        'E-mails of one thread that came in: `recordEmail` makes it, and later ones join it until it is complete.',
    },
    EMAIL_FOLLOWUP: {
      description:
        'An e-mail that was sent and not answered: `recordEmail` makes it, and completes it when somebody answers.',
    },
    MISSED_CALL: { description: 'A missed call: `recordCall` makes it.' },
    ANSWERED_DETACHED_CALL: {
      description: 'An answered call from a number that no contact or lead has: `recordCall` makes it.',
    },
    VOICEMAIL: { description: 'A voicemail: `recordCall` makes it.' },
    OPPORTUNITY_DUE: {
      description:
        'An open opportunity whose close date has come: made on that day, moved with the date, cancelled when it is cleared, and completed when the opportunity is won or lost.',
    },
    INCOMING_SMS: { description: 'An SMS that came in: `recordSms` makes it.' },
  },
});

export const TaskType = builder.enumType('TaskType', {
  description: 'What work it is.',
  values: {
    FOLLOW_UP: { description: 'Following up on something.' },
    REVIEW: { description: 'Reviewing something.' },
    APPROVAL: { description: 'Approving something.' },
    CUSTOM: { description: 'Anything else that the organization has a word for.' },
    CALL: { description: 'A phone call to make.' },
    EMAIL: { description: 'A follow-up or outreach e-mail to send.' },
    MESSAGE: { description: 'An SMS or chat message to send.' },
    MEETING: { description: 'A meeting to schedule or hold.' },
    CHAT: { description: 'A live chat to follow up.' },
    PROPOSAL: { description: 'A proposal to prepare or send.' },
    NOTE: { description: 'An internal note or memo.' },
    TASK: { description: 'A generic to-do.' },
    DEMO: { description: 'A demonstration to give.' },
  },
});

export const TaskCategory = builder.enumType('TaskCategory', {
  description: 'Thena’s categories: the first four are customer tasks, the others internal ones.',
  values: [
    'FOLLOW_UP_CALL',
    'ACCOUNT_REVIEW',
    'TRAINING_SESSION',
    'ISSUE_RESOLUTION',
    'TEAM_UPDATE',
    'RESOURCE_ALLOCATION',
    'PROCESS_REVIEW',
    'DOCUMENTATION_UPDATE',
  ] as const,
});

export const TaskAudience = builder.enumType('TaskAudience', {
  description: 'Whom a task is for.',
  values: {
    CUSTOMER: { description: 'Work with the customer.' },
    INTERNAL: { description: 'Work within the team.' },
  },
});

export const TaskStatus = builder.enumType('TaskStatus', {
  description: 'How far a task is.',
  values: {
    PENDING: { description: 'Not begun. Shown to people as “To Do” [PARSA-04].' },
    IN_PROGRESS: { description: 'Being worked on.' },
    ON_HOLD: { description: 'Paused, waiting for something outside.' },
    COMPLETED: { description: 'Done.' },
    CANCELLED: { description: 'Given up.' },
  },
});

export const TaskPriority = builder.enumType('TaskPriority', {
  description: 'How urgent a task is, ascending.',
  values: ['LOW', 'MEDIUM', 'HIGH'] as const,
});

export const TaskView = builder.enumType('TaskView', {
  description: 'Where a task stands for the one who works it, on their calendar.',
  values: {
    INBOX: { description: 'Open, and dated up to the end of today or undated: overdue ones included.' },
    FUTURE: { description: 'Open, and dated from the start of tomorrow.' },
    ARCHIVE: { description: 'Completed.' },
  },
});
