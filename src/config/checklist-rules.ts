import { loadTestIds } from './load-test-rules.ts';
import { nearest } from './nearest.ts';
import type { Flaw } from './telling.ts';
import type { View } from './view.ts';

type Lists = NonNullable<View['checklists']>;

/** Ids that are not unique in their list, and waivers for what does not exist. */
export function checklistFlaws({ checklists = {}, waivers = [], 'load-tests': tests = {} }: View): Flaw[] {
  const doubled = Object.entries(checklists).flatMap(([list, checks]) => doubledIds(list, checks));
  const meant = withLoadTests(checklists, tests);
  return [...doubled, ...waivers.flatMap((waiver, index) => waiverFlaws(waiver, index, meant))];
}

/** A waiver may be meant for a check of a load test as well; a list and a test of one name are both meant. */
function withLoadTests(lists: Lists, tests: NonNullable<View['load-tests']>): Lists {
  const ofTests = Object.entries(tests).map(([name, test]): [string, Lists[string]] => {
    const ids = test === undefined ? [{ id: undefined }] : loadTestIds(test).map((id) => ({ id }));
    return [name, [...(lists[name] ?? []), ...ids]];
  });
  return { ...lists, ...Object.fromEntries(ofTests) };
}

function doubledIds(list: string, checks: Lists[string]): Flaw[] {
  return checks.flatMap(({ id }, index) => {
    const first = checks.findIndex((other) => other.id === id);
    if (id === undefined || first === index) return [];
    return {
      path: ['checklists', list, index],
      expected: `an id that no other check of ${list} has`,
      seen: `'${id}' twice`,
      fix: `give one of them an \`id:\` of its own, such as \`${id}-2\``,
    };
  });
}

function waiverFlaws(
  { checklist, check }: NonNullable<View['waivers']>[number],
  index: number,
  lists: Lists,
): Flaw[] {
  const names = Object.keys(lists);
  if (checklist !== undefined && !names.includes(checklist)) {
    return [unknown(['waivers', index, 'checklist'], 'checklist', checklist, names)];
  }
  const meant = checklist === undefined ? Object.values(lists).flat() : (lists[checklist] ?? []);
  const ids = meant.flatMap(({ id }) => id ?? []);
  if (check === undefined || ids.includes(check) || ids.length < meant.length) return [];
  return [unknown(['waivers', index, 'check'], 'check', check, ids)];
}

function unknown(path: Flaw['path'], what: string, seen: string, known: readonly string[]): Flaw {
  const near = nearest(seen, known);
  const fix = near === null ? `name one of these, or remove the waiver` : `did you mean \`${near}\`?`;
  return {
    path,
    expected: `a ${what} that there is (${known.join(', ') || 'none'})`,
    seen: `'${seen}'`,
    fix,
  };
}
