import type { Sight } from '../../auth/sight.ts';
import type { Maybe } from '../../db/filter.ts';
import type { Parameters, Params } from '../../db/params.ts';
import { inView } from '../filter/dates.ts';
import type { TaskFilter, TaskView } from '../filter/filter.ts';
import type { Reach } from '../filter/reach.ts';
import { type Asking, renderFilter } from '../filter/render.ts';
import { FORM_CONDITIONS, FORMS, type Form, IS_CLOSED, IS_OPEN } from '../form.ts';
import { isOpen } from '../rules.ts';
import { visibleTo } from '../visible.ts';
import { hintsOf } from './hints.ts';

/** What tasks hang on in a nested list: a column that names the parent. */
export type ParentColumn = 'account_id' | 'contact_id' | 'lead_id' | 'opportunity_id' | 'activity_id' | 'stage_id';

/** What a nested list hangs on: a column, or that its tasks are blocked by the parent, or block it. */
export type Parent = ParentColumn | 'blocked_by' | 'blocks';

// As an array: tasks are then found by their key, whatever the planner expects.
const blocking = (found: string, by: string) =>
  `t.id = ANY (ARRAY(SELECT b.${found} FROM task_blocker b WHERE b.organization_id = $1 AND b.${by} = of.id))`;

/** What ties a task to its parent. */
function tie(parent: Parent): string {
  if (parent === 'blocked_by') return blocking('task_id', 'blocker_id');
  return parent === 'blocks' ? blocking('blocker_id', 'task_id') : `t.${parent} = of.id`;
}

/** Whose tasks, which ones, where and when: all that a list's rows follow from but its order. */
export interface Asked extends Asking {
  readonly sight: Sight;
  readonly filter: TaskFilter;
  readonly view: Maybe<TaskView>;
  readonly reach: Reach;
  /** What ties its tasks to `of.id`, where the list is one of many. */
  readonly parent: Parent | null;
}

const BIN = 't.deleted_at IS NOT NULL';
const LIVE = 't.deleted_at IS NULL';

/**
 * What makes `t` one of a list, whichever form its date has, be it a row of the table or one that is only in the log. It
 * says nothing for the sake of an index.
 */
export const isListed = (asked: Asked, params: Parameters): string => {
  const [bin, ...more] = asked.reach.bins;
  return [
    't.organization_id = $1',
    ...(bin === undefined || more.length > 0 ? [] : [bin ? BIN : LIVE]),
    ...conditionsOf(asked, null, params),
  ].join(' AND ');
};

/** What a list asks of its rows, beside whose they are. */
const conditionsOf = (asked: Asked, form: Form | null, params: Parameters): string[] => [
  'NOT t.is_queue_row',
  visibleTo(asked.sight, params),
  ...renderFilter(asked.filter, form, asked, params),
  ...inView(asked.view, form, asked, params),
];

/** The conditions of one statement's rows: of all forms of date or of one, of the live, the deleted or both. */
export class Matching {
  readonly #asked: Asked;
  readonly #params: Params;
  readonly #rendered = new Map<Form | null, string>();

  constructor(asked: Asked, params: Params) {
    this.#asked = asked;
    this.#params = params;
  }

  /** What rows must fulfil. With a form they are only asked what concerns it: they must be of that form. */
  where(form: Form | null, bin: boolean | null): string {
    // What says nothing of dates is the same of every form: the same parameters serve.
    const key = this.#asked.reach.isDated ? form : null;
    const rendered = this.#rendered.get(key) ?? this.#render(key);
    this.#rendered.set(key, rendered);
    return bin === null ? rendered : `${rendered} AND ${bin ? BIN : LIVE}`;
  }

  #render(form: Form | null): string {
    const { filter, parent } = this.#asked;
    const params = this.#params;
    return [
      't.organization_id = $1',
      ...(parent ? [tie(parent)] : []),
      ...hintsOf(filter, this.#asked, params),
      ...conditionsOf(this.#asked, form, params),
    ].join(' AND ');
  }

  /** Whether the bin is to be told apart: null when rows of either kind are read together. */
  #anyBin(): boolean | null {
    const { bins } = this.#asked.reach;
    return bins.length === 1 ? (bins[0] as boolean) : null;
  }

  /** Everything that matches, once, as a table by itself. */
  everything(): string {
    return this.where(null, this.#anyBin());
  }

  /** Open and closed apart, as the indexes of dates have them; each possible one. */
  openness(): readonly string[] {
    const { statuses } = this.#asked.reach;
    const states = [true, false].filter((open) => statuses.some((status) => isOpen(status) === open));
    return states.map((open) => (open ? IS_OPEN : IS_CLOSED));
  }

  /** Everything that matches, in parts that indexes by date hold: the live ones by form and openness, and the bin. */
  byDate(also: readonly string[] = []): string[] {
    const { bins, forms } = this.#asked.reach;
    return bins.flatMap((bin) =>
      bin
        ? [[this.where(null, true), ...also].join(' AND ')]
        : FORMS.filter((form) => forms.includes(form)).flatMap((form) =>
            this.openness().map((open) =>
              [this.where(form, false), FORM_CONDITIONS[form], open, ...also].join(' AND '),
            ),
          ),
    );
  }

  /**
   * Everything that matches of what someone without CRM access sees, in parts: what is assigned to them, by date, and what
   * they created beside it.
   */
  ofOwn(userId: bigint): string[] {
    const user = this.#params.add(userId, 'bigint');
    return [
      ...this.byDate([`t.assignee_id = ${user}`]),
      `${this.everything()} AND t.creator_id = ${user} AND t.assignee_id IS DISTINCT FROM ${user}`,
    ];
  }
}
