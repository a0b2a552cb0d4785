import { mustHold } from '../../db/filter.ts';
import type { Params } from '../../db/params.ts';
import type { TaskFilter } from '../filter/filter.ts';
import { excludesLead } from '../filter/reach.ts';
import type { Asking } from '../filter/render.ts';

/**
 * What must hold of a filter, once more in words that an index knows: the filter's own text says it for any value alike.
 * The stages of a pipeline stand for it, since places are indexed by stage.
 */
export function hintsOf(filter: TaskFilter, { known, viewerId }: Asking, params: Params): string[] {
  const hints: string[] = excludesLead(filter) ? [`t.kind <> 'LEAD'`] : [];
  for (const { assignee, pipelineId } of mustHold(filter)) {
    if (assignee?.isMe === true) hints.push(`t.assignee_id = ${params.add(viewerId, 'bigint')}`);
    if (assignee?.isNull === true) hints.push('t.assignee_id IS NULL');
    const pipelines = pipelineId?.eq != null ? [pipelineId.eq] : pipelineId?.in;
    if (pipelines == null) continue;
    const ids = params.add(known.of('Pipeline')(pipelines), 'bigint[]');
    hints.push(
      `t.stage_id IN (SELECT s.id FROM stage s WHERE s.organization_id = $1 AND s.pipeline_id = ANY (${ids}))`,
    );
  }
  return hints;
}
