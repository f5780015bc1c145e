import { describe, it } from 'vitest';
import { expectUnharmed, HITS } from '../../support/github-faults.ts';

describe('a rollout that is promoted', () => {
  it.each(HITS)(
    'ends the same and leaves the same behind, nothing of it twice, when any one request to GitHub $how',
    (hit) => expectUnharmed({ act: (stage) => stage.rollOut('v2') }, hit),
    120_000,
  );
});
