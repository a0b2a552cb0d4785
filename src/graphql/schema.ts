import { assertValidSchema } from 'graphql';
import './scalars.ts';
import './user-errors.ts';
import '../account/mutations.ts';
import '../account/schema.ts';
import '../activity/attachment/mutations.ts';
import '../activity/completion/mutations.ts';
import '../activity/mutations.ts';
import '../activity/queries.ts';
import '../activity/recorded/mutations.ts';
import '../activity/schema.ts';
import '../comment/schema.ts';
import '../contact/mutations.ts';
import '../contact/schema.ts';
import '../event/schema.ts';
import '../lead/convert/mutations.ts';
import '../lead/mutations.ts';
import '../lead/schema.ts';
import '../notification/schema.ts';
import '../opportunity/mutations.ts';
import '../opportunity/schema.ts';
import '../organization/key-schema.ts';
import '../organization/schema.ts';
import '../organization/viewer-schema.ts';
import '../pipeline/mutations.ts';
import '../pipeline/schema.ts';
import '../record/search/queries.ts';
import '../task/blockers/schema.ts';
import '../task/board-mutations.ts';
import '../task/detail/schema.ts';
import '../task/bulk/mutations.ts';
import '../task/escalation/mutations.ts';
import '../task/mutations.ts';
import '../task/dashboard.ts';
import '../task/nested.ts';
import '../task/queries.ts';
import '../task/reminder/schema.ts';
import '../task/retention/schema.ts';
import '../task/schema.ts';
import '../task/watch/schema.ts';
import '../timeline/schema.ts';
import { builder } from './builder.ts';
import { enforcePolicy } from './enforce-policy.ts';

/** The whole schema, each root field held to its rule. */
export const schema = enforcePolicy(builder.toSchema());

// At once, not at the first request.
assertValidSchema(schema);
