import type { TestPattern } from './pattern.ts';
import { splitPattern } from './pattern.ts';
import { fullName, type TestCase } from './test-case.ts';

const LONGEST = 200;
/** Below it, two texts have nothing in common but their language. */
const LEAST_ALIKE = 0.3;

/** Full names of the tests that a pattern most likely meant, the likeliest first. */
export function nearestTests(
  { text }: Pick<TestPattern, 'text'>,
  tests: readonly TestCase[],
  most = 3,
): readonly string[] {
  const { field, body } = splitPattern(text);
  const meant = pairsOf(body.replace(/[*/@^$\\.()[\]|?+]/g, ' '));
  const best = new Map<string, number>();
  for (const test of tests) {
    const alike = Math.max(...facesOf(field, test).map((face) => likeness(meant, pairsOf(face))));
    const name = fullName(test);
    if (alike >= LEAST_ALIKE) best.set(name, Math.max(alike, best.get(name) ?? 0));
  }
  const ranked = [...best].toSorted(([, one], [, other]) => other - one);
  return ranked.slice(0, most).map(([name]) => name);
}

function facesOf(field: TestPattern['field'], test: TestCase): readonly string[] {
  if (field === 'file') return [test.file ?? ''];
  if (field === 'tag') return ['', ...test.tags];
  return [test.name, fullName(test), ...test.suites, ...(test.file === null ? [] : [test.file])];
}

/** Sørensen-Dice coefficient of the pairs of neighbouring characters: 0 for nothing in common, 1 for the same. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of one) if (other.has(pair)) shared += 1;
  const both = one.size + other.size;
  return both === 0 ? 0 : (2 * shared) / both;
}

function pairsOf(text: string): ReadonlySet<string> {
  const words = text
    .slice(0, LONGEST)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  const pairs = new Set<string>();
  for (const word of words) {
    for (let at = 0; at + 1 < word.length; at += 1) pairs.add(word.slice(at, at + 2));
  }
  return pairs;
}
