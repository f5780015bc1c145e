import { prometheusMetricsSchema } from '../adapters/metrics/prometheus/prometheus.ts';
import { runCommand } from '../adapters/runner/spawn.ts';
import { pastClock, readPast } from '../app/read-past.ts';
import { type EnvironmentConfig, findEnvironment } from '../config/config.ts';
import { comparisonRules } from '../core/analysis/comparison/rules.ts';
import type { Reading } from '../core/analysis/sample.ts';
import type { Judgement, Past, PastTick } from '../core/replay/decide.ts';
import { looksBetween } from '../core/replay/window.ts';
import type { Slot } from '../core/rollout/record.ts';
import type { EpochMs } from '../core/units.ts';
import { loadConfig } from '../wire.ts';

/** As they were written. */
export interface WindowFlags {
  readonly ticks?: string;
  readonly prometheus?: string;
  readonly start?: string;
  readonly end?: string;
  readonly config?: string;
  readonly environment: string;
  readonly canary?: string;
  readonly every?: string;
}

interface Window {
  readonly url: string;
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly config: string;
  readonly environment: string;
  readonly canary: Slot;
}

/** A moment with its date, its time and its zone, so that it is the same one on every machine. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const LONGEST_WINDOW = 7 * 24 * 3_600_000;

export type PastWindow =
  | {
      readonly ok: true;
      readonly past: Past;
      readonly judgement: Judgement;
      /** Name of the server. */
      readonly source: string;
      readonly warning: string | null;
    }
  | { readonly ok: false; readonly report: string };

/** Reads a window of the past as a rollout that took place in it. All that is wrong with the flags is told at once. */
export async function readWindow(flags: WindowFlags, signal: AbortSignal): Promise<PastWindow> {
  const window = readFlags(flags);
  if (!('url' in window)) return { ok: false, report: window.join('\n') };
  const loaded = await loadConfig(process.cwd(), window.config);
  if (!loaded.ok) return loaded;
  const found = findEnvironment(loaded.config, window.environment);
  if (!found.ok) return { ok: false, report: found.message };
  const { service } = loaded.config;
  const { kpis, plan, comparison, judge } = found.environment;
  const ticks = await read(window, service, found.environment, signal);
  const unread = whyUnread(ticks);
  if (unread !== null) return { ok: false, report: unread };
  const { start, canary } = window;
  const { steps, tick, budgets } = plan;
  const id = `${service} ${new Date(start).toISOString()}`;
  const rules = comparison === null ? null : comparisonRules(comparison, plan);
  return {
    ok: true,
    past: { id, tick, steps, start, ticks },
    judgement: { kpis, comparison: rules, judge, hold: budgets.hold },
    source: new URL(window.url).host,
    warning: swappedSlots(ticks, canary),
  };
}

function read(
  window: Window,
  service: string,
  { name, plan, metrics, metricsSpec }: EnvironmentConfig,
  signal: AbortSignal,
): Promise<PastTick[]> {
  const { url, start, end, canary } = window;
  const clock = pastClock(start);
  const own = metrics.type === 'prometheus' ? metrics.past : undefined;
  const create = (own ?? defaultPast)(url);
  const { env } = process;
  const provider = create(
    {
      service,
      environment: name,
      env,
      baseDir: process.cwd(),
      clock,
      commands: runCommand,
      mask: () => undefined,
    },
    metricsSpec,
  );
  const arms = { canary, stable: canary === 'a' ? 'b' : 'a' } as const;
  return readPast(provider, clock, arms, { start, looks: looksBetween(start, end, plan) }, signal);
}

/** For an environment that is not watched through Prometheus: labels and all else as a new entry would have them. */
const defaultPast: NonNullable<EnvironmentConfig['metrics']['past']> = (url) => {
  const metrics = prometheusMetricsSchema.parse({ type: 'prometheus', url });
  return metrics.past?.(url) ?? metrics.create;
};

/** What only a window has; over a file it would say nothing, and whoever wrote it meant something. */
export function strayFlags({ start, end, canary }: WindowFlags): string | null {
  const stray = Object.entries({ '--start': start, '--end': end, '--canary': canary }).flatMap(
    ([name, value]) => (value === undefined ? [] : [name]),
  );
  if (stray.length === 0) return null;
  return `expected ${stray.join(', ')} with --prometheus only, saw --ticks; remove ${stray.length === 1 ? 'it' : 'them'}`;
}

function readFlags(flags: WindowFlags): Window | readonly string[] {
  const { ticks, prometheus: url = '', config = '', environment, canary = 'b', every } = flags;
  const start = momentOf(flags.start);
  const end = momentOf(flags.end);
  const moment = (name: string, seen: string | undefined): string =>
    `expected ${name} to be a moment such as 2026-03-01T14:00:00Z, saw ${seen ?? 'nothing'}; write it with its zone`;
  const problems = [
    ticks === undefined
      ? null
      : 'expected --ticks or --prometheus, saw both: one reads a file, the other a server; remove one',
    every === undefined
      ? null
      : 'expected no --every, saw one: with --prometheus the tick of the plan is used; remove it',
    isUrl(url) ? null : urlProblem(url),
    start === null ? moment('--start', flags.start) : null,
    end === null ? moment('--end', flags.end) : null,
    start === null || end === null ? null : spanProblem(start, end),
    config === ''
      ? 'expected --config, saw none: it says which KPIs, labels and steps to replay; name one'
      : null,
    isSlot(canary)
      ? null
      : `expected --canary to be a or b, saw "${canary}"; name the slot that was on trial`,
  ].filter((problem) => problem !== null);
  if (start === null || end === null || !isSlot(canary) || problems.length > 0) return problems;
  return { url, start, end, config, environment, canary };
}

function isSlot(text: string): text is Slot {
  return text === 'a' || text === 'b';
}

function isUrl(url: string): boolean {
  return prometheusMetricsSchema.safeParse({ type: 'prometheus', url }).success;
}

function urlProblem(url: string): string {
  const seen = URL.canParse(url) ? 'one with a user, a password, a query or another protocol' : `"${url}"`;
  return `expected --prometheus to be a plain http or https url such as http://prometheus:9090, saw ${seen}; secrets are named in the configuration`;
}

function momentOf(text: string | undefined): EpochMs | null {
  const moment = text !== undefined && MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? null : moment;
}

function spanProblem(start: EpochMs, end: EpochMs): string | null {
  if (end <= start) return 'expected --end after --start, saw it before or at it; swap them';
  if (end > Date.now()) return 'expected --end in the past, saw the future; make it earlier';
  if (end - start <= LONGEST_WINDOW) return null;
  return 'expected a window of at most 7 days, saw a longer one; make it shorter';
}

/** A server that did not answer, or knows nothing of the window, says nothing about the rollout. */
function whyUnread(ticks: readonly PastTick[]): string | null {
  for (const { sample } of ticks) {
    const readings = Object.values(sample.kpis).map(({ canary }) => canary);
    const [error] = readings.filter((reading) => reading.kind === 'error');
    if (error !== undefined && readings.every(({ kind }) => kind === 'error')) return error.why;
  }
  const all = ticks.flatMap(({ sample }) => Object.values(sample.kpis));
  const readings = all.flatMap(({ canary, stable }): Reading[] =>
    stable === null ? [canary] : [canary, stable],
  );
  if (readings.some(({ kind }) => kind === 'data')) return null;
  const why = readings.find(({ kind }) => kind === 'no-data');
  const seen = why !== undefined && 'why' in why ? why.why : 'no look at all';
  return `expected data in the window, saw none (${seen}); check --start, --end and the labels in the configuration`;
}

/** The plan never gives the canary more than half in its first step, unless that is what it says. */
function swappedSlots(ticks: readonly PastTick[], canary: Slot): string | null {
  const first = ticks.filter(({ look }) => look.step === 0 && look.weight < 50);
  const served = { canary: 0, stable: 0 };
  for (const { sample } of first) {
    served.canary += sample.traffic?.canary ?? 0;
    served.stable += sample.traffic?.stable ?? 0;
  }
  if (served.canary <= served.stable) return null;
  const other = canary === 'a' ? 'b' : 'a';
  return `slot ${canary}, taken for the canary, served most requests of the first step; was it ${other}? Then add --canary ${other}`;
}
