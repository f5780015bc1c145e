import type { Operation } from './description.ts';
import { type Fields, optionalInteger, optionalText } from './json.ts';

/** https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api: more than 100 is taken for 100. */
const MOST_PER_PAGE = 100;

export interface Page {
  readonly items: readonly unknown[];
  /** The `Link` header; null when there is but one page. */
  readonly link: string | null;
}

/** By page number where the description has one, else by a cursor, which here is the place in the list. */
export function pageOf(operation: Operation, query: Fields, items: readonly unknown[], url: URL): Page {
  const has = (name: string) => operation.parameters.some((one) => one.in === 'query' && one.name === name);
  if (!has('per_page')) return { items, link: null };
  const size = Math.min(MOST_PER_PAGE, Math.max(1, optionalInteger(query, 'per_page') ?? 30));
  const last = Math.max(1, Math.ceil(items.length / size));
  const cursor = Number(optionalText(query, 'after') ?? 0);
  const current = has('page')
    ? Math.max(1, optionalInteger(query, 'page') ?? 1)
    : Math.floor(cursor / size) + 1;
  const to = (page: number) => (has('page') ? { page: String(page) } : { after: String((page - 1) * size) });
  const links = [
    ...(current > 1 ? [linkTo(url, to(current - 1), 'prev')] : []),
    ...(current < last ? [linkTo(url, to(current + 1), 'next')] : []),
    ...(current < last && has('page') ? [linkTo(url, to(last), 'last')] : []),
    ...(current > 1 && has('page') ? [linkTo(url, to(1), 'first')] : []),
  ];
  const start = (current - 1) * size;
  return { items: items.slice(start, start + size), link: links.length === 0 ? null : links.join(', ') };
}

function linkTo(url: URL, parameters: Readonly<Record<string, string>>, relation: string): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return `<${target.href}>; rel="${relation}"`;
}
