import { describe, it } from 'vitest';
import { type Deed, expectUnharmed, HITS } from '../../support/github-faults.ts';

const DEED: Deed = { prepare: (stage) => stage.leave(), act: (stage) => stage.reconcile() };

describe('reconcile of a rollout that was left', () => {
  it.each(HITS)(
    'ends the same and leaves the same behind, nothing of it twice, when any one request to GitHub $how',
    (hit) => expectUnharmed(DEED, hit),
    120_000,
  );
});
