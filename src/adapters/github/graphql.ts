import { z } from 'zod';
import type { Reply } from './reply.ts';

/** How a query stands where a REST call has its route: `query BranchRules`. */
const QUERY = 'query ';

export function isQuery(route: string): boolean {
  return route.startsWith(QUERY);
}

export function queryRoute(name: string): string {
  return `${QUERY}${name}`;
}

/** https://docs.github.com/graphql: beside the REST API, and so on a GitHub Enterprise Server. */
export function graphqlUrl(apiUrl: string): string {
  return `${apiUrl.replace(/\/api\/v3$/, '/api')}/graphql`;
}

const failing = z.object({
  errors: z.array(z.object({ type: z.string().nullish(), message: z.string() })).min(1),
});

/** By what GitHub calls an error; one that it does not name is a query that it does not take. */
const STATUSES: Readonly<Record<string, number>> = {
  RATE_LIMITED: 429,
  FORBIDDEN: 403,
  INSUFFICIENT_SCOPES: 403,
  SERVICE_UNAVAILABLE: 503,
  NOT_FOUND: 404,
};

/**
 * GitHub answers with 200 whatever comes of a query, and leaves a hole where it refused. Here a reply with any error
 * in it is the refusal that the REST API would have been, so that nobody takes a hole for a fact.
 */
export function asRest(reply: Reply): Reply {
  if (reply.kind === 'unanswered' || reply.status !== 200) return reply;
  const parsed = failing.safeParse(reply.data);
  if (!parsed.success) return reply;
  const { errors } = parsed.data;
  const statuses = errors.map(({ type, message }) => statusOf(type ?? '', message));
  const worst = [429, 403, 502, 503, 404].find((status) => statuses.includes(status)) ?? 422;
  const message = errors.map(({ message: said }) => said).join('; ');
  return { ...reply, status: worst, data: { message } };
}

function statusOf(type: string, message: string): number {
  if (/secondary rate limit|abuse detection/i.test(message)) return 403;
  // It has no type when a query took GitHub too long.
  if (/something went wrong while executing your query|timed? ?out/i.test(message)) return 502;
  return STATUSES[type] ?? 422;
}
