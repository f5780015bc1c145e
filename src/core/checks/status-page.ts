import { listed } from './answer.ts';

/** A component of a status page and its state, in the page's own word. */
export interface Component {
  readonly name: string;
  readonly status: string;
  /** The group that it stands in. */
  readonly group: string | null;
}

/** What of a status page is not as it should be; none when all named components are operational. */
export function statusPageFlaws(components: readonly Component[], names: readonly string[]): string[] {
  const wanted = names.length === 0 ? components : names.flatMap((name) => named(components, name));
  const missing = names.filter((name) => named(components, name).length === 0);
  const down = wanted.filter(({ status }) => status !== 'operational');
  return [
    ...down.map(({ name, status }) => `${name} ${status.replaceAll('_', ' ')}`),
    ...(missing.length === 0 ? [] : [`no component ${listed(missing)}`]),
    ...(names.length === 0 && components.length === 0 ? ['a page without components'] : []),
  ];
}

/** By name, or by the name of its group with all that is in it. */
function named(components: readonly Component[], name: string): Component[] {
  const same = (text: string | null): boolean => text?.toLowerCase() === name.toLowerCase();
  return components.filter((one) => same(one.name) || same(one.group));
}
