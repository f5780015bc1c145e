import semver from 'semver';
import type { Answer } from '../checks/answer.ts';

export interface OrderFacts {
  readonly version: string;
  /** What answers, and what was recorded last; none when nothing runs. */
  readonly running: readonly string[];
  /** Why an older version may take the place of a newer one; null when it may not. */
  readonly allowDowngrade: string | null;
}

/** Whether a version may take the place of what runs: an older SemVer only when somebody says why. */
export function decideOrder({ version, running, allowDowngrade }: OrderFacts): Answer {
  const expected = 'a version that is not older than what runs';
  const newer = running.find((one) => isOlder(version, one));
  const before = running[0] === undefined ? 'nothing runs' : `${running.join(' and ')} runs`;
  if (newer === undefined)
    return { status: 'pass', code: 'met', observed: `${version}; ${before}`, expected };
  const observed = `${version} is older than ${newer}, which runs`;
  if (allowDowngrade !== null)
    return { status: 'warn', code: 'overridden', observed, expected, detail: `allowed: ${allowDowngrade}` };
  const fix = 'deploy a newer version, or say why in `allow-downgrade`';
  return { status: 'fail', code: 'stale', observed, expected, fix };
}

/** Only SemVer has an order; commits have none that they tell. */
function isOlder(version: string, other: string): boolean {
  const [one, two] = [semver.parse(version), semver.parse(other)];
  return one !== null && two !== null && semver.lt(one, two);
}

export interface DoneFacts {
  readonly version: string;
  readonly sha: string;
  /** Digest of the commit's migrations; null where there are none. */
  readonly migrations: string | null;
  /** What the record says was deployed last with success; null for nothing. */
  readonly recorded: Pick<DoneFacts, 'version' | 'sha' | 'migrations'> | null;
  /** Whether this very version answers, healthy; null where nothing can be asked. */
  readonly answers: boolean | null;
  readonly force: boolean;
}

/** What is left to do. */
export interface ToDo {
  readonly migrate: boolean;
  readonly deploy: boolean;
  readonly record: boolean;
}

/** A run that is done again does nothing twice: what answers and is recorded is left alone. */
export function decideToDo({ version, sha, migrations, recorded, answers, force }: DoneFacts): ToDo {
  if (force) return { migrate: true, deploy: true, record: true };
  const isRecorded =
    recorded !== null &&
    recorded.version === version &&
    recorded.sha === sha &&
    recorded.migrations === migrations;
  if (isRecorded && answers !== false) return { migrate: false, deploy: false, record: false };
  return { migrate: true, deploy: answers !== true, record: true };
}

/** Somebody else who has begun to deploy the same service to the same place. */
export interface Rival {
  readonly version: string;
  readonly name: string;
  readonly url: string | null;
  readonly alive: 'alive' | 'dead' | 'unknown';
}

/** Two at once would each undo what the other does. */
export function decideRivals(rivals: readonly Rival[]): Answer | null {
  const expected = 'nobody else who deploys this service here';
  const words = ({ name, version }: Rival): string => `${name} deploys ${version}`;
  const evidence = rivals.flatMap(({ name, url }) => (url === null ? [] : [{ label: name, url }]));
  const alive = rivals.find((one) => one.alive === 'alive');
  if (alive !== undefined) {
    const fix = 'let it end, or cancel it; a `concurrency` group lets them wait for each other';
    return { status: 'fail', code: 'pending', observed: `${words(alive)} now`, expected, evidence, fix };
  }
  const unknown = rivals.find((one) => one.alive === 'unknown');
  const seen = unknown ?? rivals[0];
  if (seen === undefined) return null;
  const observed =
    unknown === undefined
      ? `${words(seen)}, but its run has ended without a result`
      : `${words(seen)}; whether its run still lives cannot be seen from here`;
  return { status: 'warn', code: 'pending', observed, expected, evidence };
}
