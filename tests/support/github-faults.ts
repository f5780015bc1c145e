import { expect } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { isRun } from './exhaustive.ts';
import type { Fault } from './github/faults.ts';
import { type GitHubStage, setGitHubStage } from './github-stage.ts';
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
  for (const [index, told] of calm.deployments.entries()) expectOnTheWay(deployments[index] ?? [], told);
  expectOnTheWay(statuses, calm.statuses);
  const { issues, shareOfB, violations } = calm;
  expect(rest).toEqual({ issues, shareOfB, violations });
}

/** The same end, and before it nothing that was not said in a calm run too, in that order and no more often. */
function expectOnTheWay(seen: readonly string[], calm: readonly string[]): void {
  expect(seen.at(-1)).toBe(calm.at(-1));
  let at = -1;
  const onTheWay = seen.filter((one) => {
    const next = calm.indexOf(one, at + 1);
    if (next >= 0) at = next;
    return next >= 0;
  });
  expect(seen).toEqual(onTheWay);
}

/** What is done to a service, and from where. */
export interface Deed {
  readonly prepare?: (stage: GitHubStage) => Promise<unknown>;
  readonly act: (stage: GitHubStage) => Promise<Result>;
}

async function played({ prepare, act }: Deed, spoil: (stage: GitHubStage) => void) {
  const stage = await setGitHubStage();
  try {
    await prepare?.(stage);
    const before = stage.entries().length;
    stage.spent();
    spoil(stage);
    let { reasonCode } = await act(stage);
    const requests = stage.spent();
    // GitHub was away in the very moment when the ledger or the owner was asked: nothing was begun, and the job is run again.
    if (stage.entries().length === before && NOT_BEGUN.includes(reasonCode))
      ({ reasonCode } = await act(stage));
    return { reasonCode, requests, traces: await tracesOf(stage) };
  } finally {
    await stage.close();
  }
}

const NOT_BEGUN: readonly string[] = ['ledger-unavailable', 'nothing-to-do'];

/** Does the same once for each of its requests (each third in the everyday run), with that one hit, and expects the very same end and traces. */
export async function expectUnharmed(deed: Deed, { fault, times }: Hit): Promise<void> {
  const calm = await played(deed, () => undefined);
  expect(calm.traces.violations).toEqual([]);
  const all = Array.from({ length: calm.requests }, (_, index) => index + 1);
  const every = all.filter((nth) => isRun(nth + times));
  for (let from = 0; from < every.length; from += AT_ONCE) {
    const some = every.slice(from, from + AT_ONCE);
    const seen = await Promise.all(
      some.map((nth) => played(deed, ({ github }) => github.fault({ fault, nth, times }))),
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
