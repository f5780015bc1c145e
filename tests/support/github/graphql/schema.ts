import { readFileSync } from 'node:fs';
import { buildSchema, GraphQLScalarType, type GraphQLSchema } from 'graphql';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** GitHub's own public schema, as far as this server answers; anything else in a query is a mistake. */
export const schema: GraphQLSchema = strict(
  buildSchema(readFileSync(new URL('../graphql-subset.graphql', import.meta.url), 'utf8')),
);

/** The schema language cannot say what a scalar may hold. */
function strict(built: GraphQLSchema): GraphQLSchema {
  const dateTime = built.getType('DateTime');
  if (!(dateTime instanceof GraphQLScalarType)) throw new Error('expected the scalar DateTime in the schema');
  dateTime.serialize = (value) => {
    if (typeof value === 'string' && DATE_TIME.test(value)) return value;
    throw new TypeError(`DateTime cannot represent ${JSON.stringify(value)}`);
  };
  return built;
}
