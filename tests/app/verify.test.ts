import { describe, expect, it } from 'vitest';
import { verify } from '../../src/app/verify.ts';
import type { Reading } from '../../src/core/analysis/sample.ts';
import { errorRate, events } from '../core/analysis/scenario.ts';
import { ANN, moved, rolloutOf, started } from '../core/rollout/sample-rollout.ts';
import { memoryWorld, outside } from '../support/memory-world.ts';

/** What the verification says of errors beyond a fifth, and how often it looked, when its looks show these. */
async function verified(...looks: readonly Reading[]) {
  const out = outside();
  const rollout = rolloutOf(moved(out.newest.record, started('v2')).record);
  const alert = { comparator: '>', value: 0.2 } as const;
  let seen = 0;
  const world = {
    ...memoryWorld(out, ANN),
    kpis: [errorRate({ alert, minSamples: 4 })],
    metrics: {
      sample: async ({ elapsed }: { readonly elapsed: number }) => {
        const canary = looks[seen] ?? events(0, 0);
        seen += 1;
        return { at: out.now, elapsed, traffic: null, kpis: { 'error-rate': { canary, stable: null } } };
      },
    },
  };
  const stop = new AbortController().signal;
  const { outcome } = await verify(world, rollout, { slot: 'b', version: 'v2' }, stop);
  return { outcome, seen };
}

describe('the verification of what serves', () => {
  it('is content with one look at a healthy version, however few its requests', async () => {
    expect(await verified(events(0, 2))).toEqual({ outcome: 'pass', seen: 1 });
  });

  it('fails at one look that is no noise', async () => {
    expect(await verified(events(15, 30))).toEqual({ outcome: 'fail', seen: 1 });
  });

  it('looks again at a breach that so few requests leave in doubt, and does not pass on it', async () => {
    expect(await verified(events(6, 11), events(5, 11), events(9, 11))).toEqual({ outcome: 'fail', seen: 3 });
  });

  it('passes when the doubt is gone', async () => {
    expect(await verified(events(1, 3), events(0, 3))).toEqual({ outcome: 'pass', seen: 2 });
  });
});
