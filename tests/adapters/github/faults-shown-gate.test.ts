import { describe, expect, it } from 'vitest';
import { gatePage } from '../../../src/adapters/github/gate-page.ts';
import { showGate } from '../../../src/app/show-gate.ts';
import { type GateLine, readBoard } from '../../../src/core/report/gate-board.ts';
import { startGitHub } from '../../support/github/github.ts';
import { HITS } from '../../support/github-faults.ts';
import { forgeOn, REPOSITORY, seedRepository } from '../../support/on-github.ts';

const { signal } = new AbortController();
const PERMISSIONS = { statuses: 'write', 'pull-requests': 'write' } as const;

/** A pull request on which another gate may have told something already. */
async function openPull(isFirst: boolean) {
  const github = await startGitHub();
  seedRepository(github);
  const sha = github.seed.commit(REPOSITORY, { branch: 'change', files: { a: '1' } });
  const pull = github.seed.pull(REPOSITORY, { head: 'change' });
  const show = (line: Pick<GateLine, 'gate' | 'state'>) => {
    const page = gatePage(forgeOn(github, { permissions: PERMISSIONS }));
    return showGate(page, { line: { ...line, description: 'told', url: null, sha }, pull }, signal);
  };
  if (!isFirst) await show({ gate: 'preflight', state: 'success' });
  const before = github.requests().length;
  const requests = (): number => github.requests().length - before;
  return { github, show, requests };
}

const NEWS = { gate: 'e2e-gate', state: 'failure' } as const;

/** Shows the news while one request is hit; when the step says that it could not, the job is run again. */
async function shown(isFirst: boolean, hit: (typeof HITS)[number] | null, nth: number) {
  const { github, show, requests } = await openPull(isFirst);
  try {
    if (hit !== null) github.fault({ fault: hit.fault, nth, times: hit.times });
    const { missed } = await show(NEWS);
    const count = requests();
    if (missed.length > 0) expect((await show(NEWS)).missed).toEqual([]);
    const { statuses, comments } = github.repository(REPOSITORY);
    expect(github.violations()).toEqual([]);
    return {
      count,
      comments: [...comments.values()].map(({ body }) =>
        readBoard(body).map(({ gate, state }) => [gate, state]),
      ),
      newest: statuses.filter(({ context }) => context.endsWith(NEWS.gate)).at(-1)?.state,
      // A job that is run again tells its status again, with a link to that run.
      said: statuses.length - (missed.length > 0 ? 1 : 0),
    };
  } finally {
    await github.stop();
  }
}

describe.each([
  ['the first gate', true],
  ['another gate', false],
] as const)('%s of a pull request', (_, isFirst) => {
  it.each(HITS)(
    'stands in one status and one comment, whichever request to GitHub $how',
    async (hit) => {
      const { count, ...calm } = await shown(isFirst, null, 0);
      const all = Array.from({ length: count }, (__, index) => index + 1);
      const seen = await Promise.all(all.map((nth) => shown(isFirst, hit, nth)));
      for (const [index, { count: ___, said, ...rest }] of seen.entries()) {
        const { said: most, ...end } = calm;
        expect({ nth: index + 1, ...rest }).toEqual({ nth: index + 1, ...end });
        expect(said, `statuses after request ${index + 1}`).toBeLessThanOrEqual(most);
      }
    },
    120_000,
  );
});
