import type { Kind } from '../../work/kind.ts';
import { OPPORTUNITY_DUE } from './rules.ts';
import { makeDue } from './service.ts';

/** Makes OPPORTUNITY_DUE tasks at 06:00 where the organization is; when that is next, each run finds anew [CLOSE-22]. */
export const makeDueTasks: Kind = {
  name: OPPORTUNITY_DUE,
  run: (runtime, job) => makeDue(runtime, job.organizationId, (tx, inMs) => job.again(tx, { inMs }, {})),
};
