import { expect } from 'vitest';
import { isRun } from './exhaustive.ts';
import type { Fault } from './github/faults.ts';
import { type GitHubStage, type Play, setGitHubStage } from './github-stage.ts';
import { REPOSITORY } from './on-github.ts';

export interface Hit {
  readonly how: string;
  readonly fault: Fault;
  /** How many requests in a row. */
  readonly times: number;
}

export const HITS: readonly Hit[] = [
  { how: 'fails until everybody has given up once', fault: { do: 'server-error', status: 502 }, times: 4 },
  { how: 'hangs', fault: { do: 'hang' }, times: 1 },
  { how: 'is done, but its answer is lost', fault: { do: 'lose-answer' }, times: 1 },
];

/** Rollouts at a time. */
const AT_ONCE = 5;

/** How long something lasted, and how much was seen meanwhile, is different every time. */
const timeless = (text: string | undefined): string =>
  (text ?? '').replaceAll(/\d+ms/g, 'a while').replaceAll(/\d+ of \d+/g, 'some');

/** What a rollout has left behind, in the order in which it was written. */
async function tracesOf(stage: GitHubStage) {
  const { deployments, statuses, issues } = stage.github.repository(REPOSITORY);
  const told = statuses.map(({ state, description }) => timeless(`${state}: ${description}`));
  const shown = [...deployments.values()].map((one) =>
    one.statuses.map(({ state, description }) => timeless(`${state}: ${description}`)),
  );
  return {
    notes: stage.entries().map(({ note }) => timeless(note)),
    revisions: stage.entries().map(({ revision }) => revision),
    deployments: shown,
    statuses: told,
    issues: [...issues.values()].map(({ title }) => title),
    shareOfB: await stage.shareOfB(),
    violations: stage.github.violations(),
  };
}

type Traces = Awaited<ReturnType<typeof tracesOf>>;

/**
 * The same end, and on the way to it nothing twice and nothing that does not belong there. What could not be written
 * or shown in time may be left out: the next entry holds it all, and on the way home nobody waits.
 */
function expectAlike({ notes, revisions, deployments, statuses, ...rest }: Traces, calm: Traces): void {
  expectOnTheWay(notes, calm.notes);
  expect(revisions).toEqual(notes.map((_, index) => index + 1));
  expect(deployments).toHaveLength(calm.deployments.length);
  expectOnTheWay(deployments[0] ?? [], calm.deployments[0] ?? []);
  expectOnTheWay(statuses, calm.statuses);
  const { issues, shareOfB, violations } = calm;
  expect(rest).toEqual({ issues, shareOfB, violations });
}

function expectOnTheWay(seen: readonly string[], calm: readonly string[]): void {
  expect(seen.at(-1)).toBe(calm.at(-1));
  expect(seen).toEqual(calm.filter((one) => seen.includes(one)));
}

async function played(play: Play, prepare: (stage: GitHubStage) => void) {
  const stage = await setGitHubStage();
  try {
    stage.spent();
    prepare(stage);
    let { reasonCode } = await stage.rollOut('v2', play);
    const requests = stage.spent();
    // GitHub was away in the very moment when the ledger was to be opened: nothing was begun, and the job is run again.
    if (reasonCode === 'ledger-unavailable' && stage.entries().length === 1)
      ({ reasonCode } = await stage.rollOut('v2', play));
    return { reasonCode, requests, traces: await tracesOf(stage) };
  } finally {
    await stage.close();
  }
}

/** Runs the same rollout once for each of its requests (each third in the everyday run), with that one hit, and expects the very same end and traces. */
export async function expectUnharmed(play: Play, { fault, times }: Hit): Promise<void> {
  const calm = await played(play, () => undefined);
  expect(calm.traces.violations).toEqual([]);
  const all = Array.from({ length: calm.requests }, (_, index) => index + 1);
  const every = all.filter((nth) => isRun(nth + times));
  for (let from = 0; from < every.length; from += AT_ONCE) {
    const some = every.slice(from, from + AT_ONCE);
    const seen = await Promise.all(
      some.map((nth) => played(play, ({ github }) => github.fault({ fault, nth, times }))),
    );
    for (const [index, { reasonCode, traces }] of seen.entries()) {
      const which = `request ${some[index]} of ${calm.requests}`;
      expect({ which, reasonCode }).toEqual({ which, reasonCode: calm.reasonCode });
      try {
        expectAlike(traces, calm.traces);
      } catch (error) {
        throw new Error(`${which} did harm`, { cause: error });
      }
    }
  }
}
