import { readFileSync } from 'node:fs';
import { z } from 'zod';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`github/${name}`, import.meta.url), 'utf8'));
const { paths } = z
  .object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))) })
  .parse(read('openapi-subset.json'));

/** GitHub's own name of a route such as `GET /repos/{owner}/{repo}`, or of a query. */
export function operationOf(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  if (method === 'query') return `graphql/${path}`;
  return paths[path]?.[method.toLowerCase()]?.operationId ?? `none for ${route}`;
}

/** By operation: each permission that GitHub says is enough. */
export const { operations } = z
  .object({ operations: z.record(z.string(), z.record(z.string(), z.string()).nullable()) })
  .parse(read('permissions.json'));
