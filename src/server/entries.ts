import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** A page without a size, and the largest one (graphql/paging.ts holds both). */
const DEFAULT_PAGE = 25;
const LARGEST_PAGE = 100;
/** The largest list that is shown as it is, without pages: what a bulk update changed. */
const LARGEST_LIST = 1_000;

/**
 * How many entries of lists an operation can bring at most, lists within lists multiplied: 100 accounts with 100 tasks
 * each are 10,100. Sizes are read as they are given, by value or by variable. Each fragment is counted once.
 */
export function entriesOf(
  document: DocumentNode,
  definition: OperationDefinitionNode,
  variables: { readonly [name: string]: unknown } = {},
): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const found of document.definitions) {
    if (found.kind === Kind.FRAGMENT_DEFINITION) fragments.set(found.name.value, found.selectionSet);
  }
  const defaults = new Map(
    definition.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  );
  const counted = new Map<string, number>();
  const paged = new Map<string, boolean>();

  const within = (name: string): number => {
    const known = counted.get(name);
    if (known !== undefined) return known;
    // A cycle counts as nothing: validation refuses it.
    counted.set(name, 0);
    const set = fragments.get(name);
    const count = set ? ofSelections(set) : 0;
    counted.set(name, count);
    return count;
  };
  const ofSelections = ({ selections }: SelectionSetNode): number =>
    selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + within(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + ofSelections(selection.selectionSet);
      return sum + ofField(selection);
    }, 0);

  /** Whether entries are asked for: a connection of which only the count is shown brings none. */
  const isPaged = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === 'nodes' || selection.name.value === 'edges';
      if (selection.kind === Kind.INLINE_FRAGMENT) return isPaged(selection.selectionSet);
      const name = selection.name.value;
      const known = paged.get(name);
      if (known !== undefined) return known;
      paged.set(name, false);
      const set = fragments.get(name);
      const found = set !== undefined && isPaged(set);
      paged.set(name, found);
      return found;
    });

  const sizeOf = (value: ValueNode | undefined): number | null => {
    if (value?.kind === Kind.INT) return Number(value.value);
    if (value?.kind !== Kind.VARIABLE) return null;
    const name = value.name.value;
    const given = variables[name];
    return typeof given === 'number' ? given : given === undefined ? sizeOf(defaults.get(name)) : null;
  };
  const ofField = ({ arguments: given = [], selectionSet }: FieldNode): number => {
    if (!selectionSet) return 0;
    const inner = ofSelections(selectionSet);
    const sizes = given.filter(({ name }) => name.value === 'first' || name.value === 'last');
    const paged = isPaged(selectionSet);
    if (sizes.length === 0 && !paged) return inner;
    const asked = Math.max(0, ...sizes.map(({ value }) => sizeOf(value) ?? DEFAULT_PAGE));
    // A page that is too large is refused where it is asked for, by its argument.
    const size = sizes.length === 0 ? DEFAULT_PAGE : Math.min(asked, paged ? LARGEST_PAGE : LARGEST_LIST);
    return size * (1 + inner);
  };
  return ofSelections(definition.selectionSet);
}
