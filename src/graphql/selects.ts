import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  type SelectionSetNode,
} from 'graphql';

/** Where the operation selects a field directly below this one. Conditions are taken to hold: at worst we do too much. */
function selected({ fieldNodes, fragments }: GraphQLResolveInfo, field: string): FieldNode[] {
  const within = (set: SelectionSetNode | undefined): FieldNode[] =>
    set?.selections.flatMap((selection) => {
      if (selection.kind === 'Field') return selection.name.value === field ? [selection] : [];
      if (selection.kind === 'InlineFragment') return within(selection.selectionSet);
      return within(fragments[selection.name.value]?.selectionSet);
    }) ?? [];
  return fieldNodes.flatMap(({ selectionSet }) => within(selectionSet));
}

/** Whether the operation selects a field directly below this one. */
export const selects = (info: GraphQLResolveInfo, field: string): boolean => selected(info, field).length > 0;

/** The arguments of a field directly below this one, of each time that it is selected; this one gives an object. */
export function argumentsBelow(info: GraphQLResolveInfo, field: string): Record<string, unknown>[] {
  const definition = (getNamedType(info.returnType) as GraphQLObjectType).getFields()[field];
  if (!definition) throw new Error(`${info.returnType} has no field ${field}.`);
  return selected(info, field).map((node) => getArgumentValues(definition, node, info.variableValues));
}
