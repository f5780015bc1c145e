import { systemClock } from '../../src/adapters/runner/clock.ts';
import { runCommand } from '../../src/adapters/runner/spawn.ts';
import { evaluateGate } from '../../src/app/evaluate-gate.ts';
import type { Finding } from '../../src/core/checks/finding.ts';
import type { Subject } from '../../src/core/checks/gate-result.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import type { CheckContext } from '../../src/ports/check.ts';
import { configSchema } from '../../src/registry.ts';
import { subject as standard } from './gate-subject.ts';

export function contextIn(baseDir: string, more: Partial<CheckContext> = {}): CheckContext {
  return {
    service: 'booking-api',
    environment: 'production',
    env: process.env,
    baseDir,
    clock: systemClock,
    commands: runCommand,
    mask: () => undefined,
    facts: () => {
      throw new AdapterError('github', 'unauthorized', 'expected a token, saw none; set one', {
        retryable: false,
      });
    },
    ledger: null,
    router: null,
    ...more,
  };
}

const AROUND = {
  version: 1,
  service: 'booking-api',
  kpis: [{ id: 'error-rate', type: 'ratio', bad: 'bad_total', total: 'all_total', alert: '> 2 %' }],
  environments: {
    production: {
      router: { type: 'embedded', admin: 'http://127.0.0.1:1' },
      target: {
        type: 'command',
        start: ['true'],
        health: { url: 'http://127.0.0.1:1', 'version-field': 'version' },
      },
      metrics: { type: 'scrape', endpoints: [{ url: 'http://127.0.0.1:1/metrics' }] },
      ledger: { type: 'file', path: 'ledger' },
    },
  },
};

/** The checks as the config makes them of these entries; throws what is wrong with them. */
export function checksOf(...entries: readonly object[]) {
  const parsed = configSchema.safeParse({ ...AROUND, checklists: { mine: entries } });
  if (parsed.success) return parsed.data.checklists.mine ?? [];
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}

/** What a single entry of a checklist finds out. */
export async function findingOf(
  entry: object,
  context: CheckContext,
  subject: Subject = standard,
): Promise<Finding> {
  const gate = { checklist: 'mine', checks: checksOf(entry), waivers: [], subject };
  const { findings } = await evaluateGate(context, gate, new AbortController().signal);
  const [finding] = findings;
  if (finding === undefined) throw new Error('no finding');
  return finding;
}
