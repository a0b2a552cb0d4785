import { assertValidSchema } from 'graphql';
import './scalars.ts';
import './user-errors.ts';
import '../account/mutations.ts';
import '../account/schema.ts';
import '../activity/mutations.ts';
import '../activity/queries.ts';
import '../activity/recorded/mutations.ts';
import '../activity/schema.ts';
import '../contact/mutations.ts';
import '../contact/schema.ts';
import '../event/schema.ts';
import '../lead/mutations.ts';
import '../lead/schema.ts';
import '../notification/schema.ts';
import '../opportunity/mutations.ts';
import '../opportunity/schema.ts';
import '../organization/key-schema.ts';
import '../organization/schema.ts';
import '../organization/viewer-schema.ts';
import '../pipeline/schema.ts';
import '../task/blockers/schema.ts';
import '../task/board-mutations.ts';
import '../task/detail/schema.ts';
import '../task/bulk/mutations.ts';
import '../task/mutations.ts';
import '../task/nested.ts';
import '../task/queries.ts';
import '../task/retention/schema.ts';
import '../task/schema.ts';
import '../timeline/schema.ts';
import { builder } from './builder.ts';
import { enforcePolicy } from './enforce-policy.ts';

/** The whole schema, each root field held to its rule. */
export const schema = enforcePolicy(builder.toSchema());

// At once, not at the first request.
assertValidSchema(schema);
