import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { POLICY, type Policy, permits, type Rule } from '../auth/policy.ts';
import { Fault } from '../refusals.ts';
import type { Context } from './context.ts';
import { createLoaders } from './loaders.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;

const guarded =
  (field: string, rule: Rule, resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    if (!permits(rule, context.viewer)) throw new Fault('FORBIDDEN', `You may not use ${field}.`);
    // Mutations run one after the other: what the first had read is not what the second answers with.
    if (info.operation.operation === 'mutation') {
      context.loaders = createLoaders(context.runtime.db, context.viewer.organizationId);
    }
    return resolve(source, args, context, info);
  };

/** Holds every root field to its rule; throws, so that nothing starts, for a field without one or a rule without a field. */
export function enforcePolicy(schema: GraphQLSchema, policy: Policy = POLICY): GraphQLSchema {
  const unused = new Set(Object.keys(policy));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const root of roots.filter((type): type is GraphQLObjectType => type != null)) {
    for (const field of Object.values(root.getFields())) {
      const name = `${root.name}.${field.name}`;
      const rule = policy[name];
      if (!rule) throw new Error(`${name} has no rule in auth/policy.ts.`);
      unused.delete(name);
      // A subscription is judged when it begins; its events by what their recipient may then still see.
      if (field.subscribe) field.subscribe = guarded(name, rule, field.subscribe);
      else if (field.resolve) field.resolve = guarded(name, rule, field.resolve);
      else throw new Error(`${name} has no resolver.`);
    }
  }
  if (unused.size > 0) throw new Error(`Rules without a field: ${[...unused].join(', ')}.`);
  return schema;
}
