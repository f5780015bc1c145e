import { type Answer, listed } from '../checks/answer.ts';
import type { LoadFacts, VersionRule } from './load-test.ts';

/** What was under load, before, during and after it, as the service itself or the reports say. */
export function versionAnswer(
  rule: VersionRule,
  { versions, found, expectedVersions }: Pick<LoadFacts, 'versions' | 'found' | 'expectedVersions'>,
): Answer {
  const expected = listed([...new Set(expectedVersions)]).replace(', ', ' or ');
  const reported = found.map(({ run }) => run.version).filter((version) => version !== null);
  const said = versions.map(({ version }) => version).filter((version) => version !== null);
  const wrong = [...said, ...reported].find((version) => !expectedVersions.includes(version));
  const names = [...new Set([...said, ...reported])];
  if (names.length > 1) return changed(names, expected);
  if (wrong !== undefined) return wrongVersion(wrong, expected);
  const silent = versions.find(({ version }) => version === null);
  if (rule === 'service' && (said.length === 0 || silent !== undefined)) {
    return silence(silent?.why ?? 'the service was not asked', expected);
  }
  if (rule === 'report' && reported.length < found.length) return mute(expected);
  const seen =
    rule === 'service' ? `, as it said ${said.length === 1 ? 'once' : `${said.length} times`}` : '';
  return { status: 'pass', code: 'met', observed: `${names[0] ?? ''}${seen}`, expected };
}

function changed(names: readonly string[], expected: string): Answer {
  return {
    status: 'fail',
    code: 'not-met',
    observed: `more than one version during the test: ${listed(names)}`,
    expected: `${expected} from beginning to end`,
    fix: 'keep deployments away from the environment while it is under load, and run the test again',
  };
}

function wrongVersion(seen: string, expected: string): Answer {
  const fix = 'deploy the version that is to be tested first, or name the one that is deployed in `version`';
  return { status: 'fail', code: 'not-met', observed: seen, expected, fix };
}

function silence(why: string, expected: string): Answer {
  const fix = 'see whether the address answers, and where in its answer the version stands';
  return { status: 'error', code: 'unavailable', observed: `not told: ${why}`, expected, fix };
}

function mute(expected: string): Answer {
  const fix = 'let the test write the version into its report, or ask the service: `version: { url: … }`';
  return { status: 'no-data', code: 'missing', observed: 'a report that names no version', expected, fix };
}
