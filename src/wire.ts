import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { createGitHub } from './adapters/github/client.ts';
import { recordPublisher } from './adapters/github/record-publisher.ts';
import { runProbe } from './adapters/github/run-probe.ts';
import { systemClock } from './adapters/runner/clock.ts';
import { processProbe, thisProcess } from './adapters/runner/process-owner.ts';
import { runCommand } from './adapters/runner/spawn.ts';
import { type Publishing, startPublishing } from './app/publishing.ts';
import type { World } from './app/world.ts';
import { type Config, type EnvironmentConfig, findEnvironment } from './config/config.ts';
import { type NamedFile, namedFiles } from './config/judge-files.ts';
import { formatProblems, parseConfig } from './config/read.ts';
import type { EpochMs } from './core/units.ts';
import type { AdapterContext } from './ports/adapter-context.ts';
import { AdapterError } from './ports/adapter-error.ts';
import type { Clock } from './ports/clock.ts';
import type { Forge } from './ports/forge.ts';
import type { Observer } from './ports/observer.ts';
import type { OwnerProbe } from './ports/owner-probe.ts';
import { configSchema } from './registry.ts';

export interface Setting {
  /** Path of the config file, from `baseDir`. */
  readonly config: string;
  readonly environment: string;
  readonly baseDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mask: (secret: string) => void;
  /** Output of the user's own commands, line by line. */
  readonly log: (line: string) => void;
  readonly observe: Observer;
}

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly report: string };

/** Reads and checks the whole configuration; the report names every problem with its line and its cure. */
export async function loadConfig(baseDir: string, path: string): Promise<Loaded> {
  const file = await readNamed(baseDir, path);
  if (!file.ok) {
    return {
      ok: false,
      report: `expected a configuration at ${path}, but it could not be read: ${file.why}`,
    };
  }
  const named = namedFiles(file.text).map(
    async (name) =>
      [name, await readNamed(baseDir, isAbsolute(name) ? name : join(dirname(path), name))] as const,
  );
  const parsed = parseConfig(file.text, path, configSchema, new Map(await Promise.all(named)));
  if (parsed.ok) return { ok: true, config: parsed.config, warnings: parsed.warnings };
  return { ok: false, report: formatProblems(parsed.problems) };
}

async function readNamed(baseDir: string, name: string): Promise<NamedFile> {
  try {
    return { ok: true, name, text: await readFile(resolve(baseDir, name), 'utf8') };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

export type Wired =
  | { readonly ok: true; readonly world: World; readonly chosen: EnvironmentConfig; readonly config: Config }
  | { readonly ok: false; readonly report: string };

/** Makes the world of one service in one environment out of its configuration. Touches nothing outside yet. */
export async function wire(setting: Setting): Promise<Wired> {
  const loaded = await loadConfig(setting.baseDir, setting.config);
  if (!loaded.ok) return loaded;
  const { config } = loaded;
  const found = findEnvironment(config, setting.environment);
  if (!found.ok) return { ok: false, report: found.message };
  const chosen = found.environment;
  try {
    return { ok: true, world: worldOf(setting, config, chosen), chosen, config };
  } catch (error) {
    if (error instanceof AdapterError) return { ok: false, report: error.message };
    throw error;
  }
}

function worldOf(setting: Setting, config: Config, chosen: EnvironmentConfig): World {
  const { baseDir, env, mask, log, observe, environment } = setting;
  const clock = systemClock;
  const forge = once(() => createGitHub({ env, clock, mask }));
  const context: AdapterContext = {
    service: config.service,
    environment,
    env,
    baseDir,
    clock,
    mask,
    log,
    commands: runCommand,
    forge,
  };
  return {
    service: config.service,
    environment,
    owner: thisProcess(env),
    kpis: chosen.kpis,
    share: chosen.share === null ? null : { tolerance: chosen.share.tolerance, minRequests: 200 },
    comparison: chosen.comparison,
    judge: chosen.judge,
    leaseTtl: chosen.leaseTtl,
    retire: chosen.retire,
    router: chosen.router.create(context),
    target: chosen.target.create(context),
    ...metricsOf(chosen, context),
    ledger: chosen.ledger.create(context),
    notifiers: chosen.notifiers.map((notifier) => notifier.create(context)),
    probe: inTurn(processProbe(), runProbe(forge)),
    ...publishingOn(forge, chosen, setting),
    clock,
    observe,
  };
}

/** A provider that keeps its history is asked by a clock that can be put back. */
function metricsOf(
  { metrics, metricsSpec }: EnvironmentConfig,
  context: AdapterContext,
): Pick<World, 'metrics' | 'history'> {
  if (metrics.past === undefined) return { metrics: metrics.create(context, metricsSpec), history: null };
  let moment: EpochMs | null = null;
  const clock: Clock = { ...context.clock, now: () => moment ?? context.clock.now() };
  const lookAt = (past: EpochMs | null): void => {
    moment = past;
  };
  return { metrics: metrics.create({ ...context, clock }, metricsSpec), history: { lookAt } };
}

function publishingOn(
  forge: () => Forge,
  { github, kpis }: EnvironmentConfig,
  { env }: Setting,
): { readonly publishing?: Publishing } {
  if (github === null) return {};
  const { url: environmentUrl, ...shown } = github;
  const runCommit = env.GITHUB_SHA || null;
  const publisher = recordPublisher({ forge: forge(), kpis, environmentUrl, runCommit, ...shown });
  return { publishing: startPublishing(publisher, systemClock) };
}

/** The second is only asked what the first cannot tell. */
export function inTurn(first: OwnerProbe, second: OwnerProbe): OwnerProbe {
  return {
    isAlive: async (owner, signal) => {
      const answer = await first.isAlive(owner, signal);
      return answer === 'unknown' ? second.isAlive(owner, signal) : answer;
    },
  };
}

/** Made when it is first needed, and the same for everybody. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
