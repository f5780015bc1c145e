import type { Flaw } from './telling.ts';
import type { View } from './view.ts';

/** Sections that are of use without an environment. */
const ALONE = ['deploy', 'e2e', 'load-tests'] as const;

/** A file that says nothing to act on, or names a place to roll out to and nothing to watch there. */
export function wholeFlaws(view: View): Flaw[] {
  const { environments, kpis, given } = view;
  if (given === undefined) return [];
  const lists = Object.keys(view.checklists ?? {}).length;
  const isForGates = lists > 0 || ALONE.some((section) => given.includes(section));
  const noKpis = kpis === undefined && (environments !== undefined || !isForGates);
  return [
    ...(noKpis ? [missing('kpis', 'a list')] : []),
    ...(environments === undefined && !isForGates ? [missing('environments', 'a map')] : []),
  ];
}

function missing(key: string, what: string): Flaw {
  return {
    path: [key],
    expected: `\`${key}\`: ${what}`,
    seen: 'no such key',
    fix: `add \`${key}:\``,
  };
}
