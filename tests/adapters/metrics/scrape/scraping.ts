import { scrapeMetricsSchema } from '../../../../src/adapters/metrics/scrape/scrape.ts';
import { systemClock } from '../../../../src/adapters/runner/clock.ts';
import { runCommand } from '../../../../src/adapters/runner/spawn.ts';
import type { Observation, Reading, Sample } from '../../../../src/core/analysis/sample.ts';
import type { Selector } from '../../../../src/core/analysis/selector.ts';
import { parseSelector } from '../../../../src/core/analysis/selector.ts';
import type { KpiSource, MetricsSpec, SampleRequest } from '../../../../src/ports/metrics-provider.ts';

type Scope = 'per-arm' | 'shared';
type Source = KpiSource & { readonly scope: Scope };

export interface Scraper {
  /** Slot b is the canary unless the request says otherwise. */
  readonly sample: (request?: Partial<SampleRequest>, signal?: AbortSignal) => Promise<Sample>;
  readonly masked: readonly string[];
}

/** A provider made as the config makes it. */
export function scraper(
  config: Readonly<Record<string, unknown>>,
  spec: Partial<MetricsSpec>,
  env: Readonly<Record<string, string>> = {},
): Scraper {
  const masked: string[] = [];
  const provider = scrapeMetricsSchema.parse({ type: 'scrape', timeout: '2s', ...config }).create(
    {
      service: 'booking',
      environment: 'test',
      env,
      baseDir: '.',
      clock: systemClock,
      commands: runCommand,
      mask: (secret) => void masked.push(secret),
    },
    { sources: [], traffic: null, ...spec },
  );
  const never = new AbortController().signal;
  return {
    sample: (request, signal = never) =>
      provider.sample({ canary: 'b', stable: 'a', elapsed: 1_000, ...request }, signal),
    masked,
  };
}

export function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
  return parsed.selector;
}

export function events(id: string, bad: string, total: string, scope: Scope = 'per-arm'): Source {
  return { id, scope, type: 'events', bad: [selector(bad)], total: [selector(total)] };
}

export function goodEvents(id: string, good: string, total: string): Source {
  return { id, scope: 'per-arm', type: 'good-events', good: [selector(good)], total: [selector(total)] };
}

export function histogram(id: string, name: string, scale = 1_000): Source {
  return { id, scope: 'per-arm', type: 'histogram', histogram: selector(name), scale };
}

export function gauge(
  id: string,
  value: string,
  dividedBy: string | null = null,
  scope: Scope = 'shared',
): Source {
  const divisor = dividedBy === null ? null : selector(dividedBy);
  return { id, scope, type: 'gauge', value: selector(value), dividedBy: divisor, scale: 1 };
}

export function data(observation: Observation): Reading {
  return { kind: 'data', observation };
}

export function counted(bad: number, total: number): Reading {
  return data({ type: 'events', bad, total });
}
