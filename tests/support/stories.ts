import type { Finding } from '../../src/core/checks/finding.ts';
import type { Reason } from '../../src/core/rollout/reason.ts';
import {
  bakeCalmly,
  calm,
  failing,
  findingsFor,
  healthy,
  PASS,
  RECONCILER,
  type Story,
  Teller,
  type Values,
} from './samples.ts';

/** Three steps, every one of them passed. */
export function healthyStory(): Story {
  const teller = new Teller().start();
  for (const [step, ticks] of [180, 90, 360].entries()) bakeCalmly(teller.shift(step), ticks, step * 200);
  teller.wait(3_000);
  teller.weight = 100;
  teller.move({ ...teller.by, type: 'settled' });
  const verification = { outcome: 'pass', findings: [healthy('3f2c1ab')] } as const;
  teller.wait(12_000).move({ ...teller.by, type: 'verified', verification });
  return teller.end({ verdict: 'pass', reasonCode: 'promoted', message: 'every step passed' });
}

/** Errors grow on the canary at 10 % until the guardrail breaks. */
export function errorStory(): Story {
  const teller = bakeCalmly(new Teller().start().shift(0), 42);
  const message = 'error rate 4.1 % on the canary, limit > 2 % for 5m';
  const reason: Reason = { code: 'guardrail-breached', message, kpi: 'error-rate' };
  for (let n = 0; n < 34; n += 1) {
    const errors = Math.min(0.041, 0.004 + n * 0.0032) + 0.0012 * Math.sin(n);
    const values: Values = {
      ...calm(42 + n, 10),
      'error-rate': { canary: n === 33 ? 0.0412 : errors, stable: 0.0045 + 0.001 * Math.sin(n / 2) },
      'api-latency-p95': { canary: 380 + n * 9, stable: 391 + 20 * Math.sin(n / 3) },
    };
    const finding: Finding = {
      check: 'error-rate',
      title: 'Error rate',
      status: 'fail',
      observed: '4.1 % on the canary for 5m, 0.45 % on stable',
      expected: 'not > 2 % for 5m',
      detail: '247 of 6,000 requests failed; stable had 27 of 54,000',
      evidence: [{ label: 'Dashboard', url: 'https://grafana.example/d/canary' }],
    };
    if (n === 33) teller.tick(values, failing(reason), findingsFor(values, finding));
    else teller.tick(values, PASS);
  }
  return teller.goHome(1_400).end({});
}

/** The metrics fall silent in the second step. */
export function silentStory(): Story {
  const teller = bakeCalmly(bakeCalmly(new Teller().start().shift(0), 180).shift(1), 30, 200);
  const message = 'booking success has had no data for 2m on the canary, budget 2m';
  const reason: Reason = { code: 'no-data', message, kpi: 'booking-success' };
  for (let n = 0; n < 13; n += 1) {
    const values: Values = { ...calm(230 + n, 50), 'booking-success': { canary: null, stable: 0.988 } };
    if (n === 12) teller.tick(values, failing(reason));
    else teller.tick(values, { kind: 'hold', reason });
  }
  return teller.goHome(900).end({});
}

/** Somebody pressed cancel, soon after the start. */
export function cancelledStory(): Story {
  const teller = bakeCalmly(new Teller().start().shift(0), 25).wait(3_000);
  const reason: Reason = { code: 'cancelled', message: 'the workflow run was cancelled by mara' };
  teller.abort(reason);
  return teller.goHome(700).end({});
}

/** The runner died; the lease sent the traffic home, and a reconcile wrote it down. */
export function reconciledStory(): Story {
  const teller = bakeCalmly(bakeCalmly(new Teller().start().shift(0), 180).shift(1), 22, 200);
  teller.wait(7 * 60_000);
  teller.owner = RECONCILER;
  const reason: Reason = { code: 'owner-lost', message: 'its owner mara (run-7123-1-af) is gone' };
  const message = 'nobody drove the rollout for 7m; the router’s lease had run out';
  teller.happenings.push({ type: 'note', at: teller.at, level: 'warning', message });
  teller.abort(reason);
  const warnings = ['the canary served traffic for up to 1m with nobody watching'];
  return teller.goHome(600).end({ operation: 'reconcile', verdict: 'pass', warnings });
}
