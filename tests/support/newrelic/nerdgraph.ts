import { readFileSync } from 'node:fs';
import { buildSchema, GraphQLError, graphql } from 'graphql';
import type { EpochMs } from '../../../src/core/units.ts';
import { httpServer } from '../http-server.ts';
import { type NrdbEvent, runNrql } from './nrdb.ts';

const schema = buildSchema(readFileSync(new URL('nerdgraph-subset.graphql', import.meta.url), 'utf8'));
export const ACCOUNT = 1_234_567;

/** NerdGraph by its own schema: a query or a variable that does not fit is answered as an error, with status 200. */
export async function startNerdGraph({ now }: { readonly now: () => EpochMs }) {
  const events: NrdbEvent[] = [];
  const nrql = ({ query }: { readonly query: string }) => {
    try {
      return { results: runNrql(query, events), metadata: { messages: [] } };
    } catch (error) {
      throw new GraphQLError(String(error), { extensions: { errorClass: 'SERVER_ERROR' } });
    }
  };
  const account = ({ id }: { readonly id: number }) => {
    if (id === ACCOUNT) return { id, nrql };
    throw new GraphQLError('Access denied.', { extensions: { errorClass: 'ACCESS_DENIED' } });
  };
  const server = await httpServer(async ({ path, headers, body }) => {
    const date = { date: new Date(now()).toUTCString() };
    if (path !== '/graphql') return { status: 404, headers: date, body: '' };
    if (headers['api-key'] !== 'NRAK-SECRET') return { status: 401, headers: date, body: '{"errors":[]}' };
    const { query: source, variables: variableValues } = JSON.parse(body);
    const answer = await graphql({ schema, source, variableValues, rootValue: { actor: { account } } });
    return { headers: date, body: JSON.stringify(answer) };
  });
  return { ...server, send: (...sent: readonly NrdbEvent[]) => void events.push(...sent) };
}
