import { type Answer, counted, listed } from '../checks/answer.ts';
import { nearestTests } from './nearest-tests.ts';
import { selects, type TestPattern } from './pattern.ts';
import type { Parted } from './quarantined.ts';
import type { Flow } from './suite.ts';
import { hasRun, shownName, type TestCase, tallyOf, tallyWords } from './test-case.ts';

/** A flow with its tests. */
export interface FlowTests {
  readonly flow: Flow;
  /** Those that count: none of them is in quarantine. */
  readonly tests: readonly TestCase[];
  readonly quarantined: readonly TestCase[];
}

export function testsOfFlow(flow: Flow, { counting, quarantined }: Parted): FlowTests {
  const belongs = (test: TestCase): boolean => flow.tests.some((pattern) => selects(pattern, test));
  return {
    flow,
    tests: counting.filter(belongs),
    quarantined: quarantined.map(({ test }) => test).filter(belongs),
  };
}

/** A flow is proven by at least one test that ran, and by none that failed. `all`: every test that was read. */
export function decideFlow(proof: FlowTests, all: readonly TestCase[]): Answer {
  const { flow, tests } = proof;
  const least = counted(flow.minTests, 'test');
  const expected = `at least ${least} of the flow ran, and all of its tests passed`;
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    const observed = `${failed.length} of ${counted(tests.length, 'test')} failed: ${listed(failed.map(shownName), 3)}`;
    return { status: 'fail', code: 'failed', observed, expected, fix: 'repair what the tests have found' };
  }
  const idle = flow.tests.filter((pattern) => !all.some((test) => selects(pattern, test)));
  if (idle.length > 0) return { ...notFound(idle, all), expected };
  const ran = tests.filter(hasRun);
  if (ran.length === 0) return { ...nothingRan(proof), expected };
  if (ran.length < flow.minTests) {
    const observed = `${counted(ran.length, 'test')} ran`;
    const fix = 'bring the tests back that are gone, or lower `min-tests` with a reason';
    return { status: 'fail', code: 'not-met', observed, expected, fix };
  }
  return { ...passed(proof), expected };
}

function passed({ tests, quarantined }: FlowTests): Omit<Answer, 'expected'> {
  const aside = quarantined.length === 0 ? '' : `; ${quarantined.length} in quarantine`;
  const observed = `${tallyWords(tallyOf(tests))}${aside}`;
  const skipped = tests.filter((test) => !hasRun(test));
  if (skipped.length === 0) return { status: 'pass', code: 'met', observed };
  const detail = `skipped: ${listed(skipped.map(shownName), 3)}`;
  return { status: 'warn', code: 'met', observed, detail, fix: 'a skipped test proves nothing: run it' };
}

/** A pattern that meets nothing is a test that was renamed, moved or taken away. */
function notFound(idle: readonly TestPattern[], all: readonly TestCase[]): Omit<Answer, 'expected'> {
  const observed = `no test matches ${listed(idle.map(({ text }) => `'${text}'`))}`;
  const near = [...new Set(idle.flatMap((pattern) => nearestTests(pattern, all)))].slice(0, 3);
  const fix =
    near.length === 0
      ? 'run the tests of the flow, or correct its patterns'
      : `correct the pattern, or bring the test back; nearest: ${near.map((name) => `'${name}'`).join(', ')}`;
  return { status: 'fail', code: 'missing', observed, fix };
}

function nothingRan({ tests, quarantined }: FlowTests): Omit<Answer, 'expected'> {
  const aside = quarantined.length === 0 ? '' : `${counted(quarantined.length, 'test')} in quarantine`;
  const skipped = tests.length === 0 ? '' : `${counted(tests.length, 'test')} skipped`;
  const names = listed([...tests, ...quarantined].map(shownName), 3);
  return {
    status: 'fail',
    code: 'missing',
    observed: `none of its tests proves anything: ${[skipped, aside].filter((part) => part !== '').join(', ')}`,
    detail: names,
    fix: 'run at least one test of the flow that is neither skipped nor in quarantine',
  };
}
