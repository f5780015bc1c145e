import { createGitHub } from './adapters/github/client.ts';
import { reportFiles } from './adapters/load/report-files.ts';
import { versionProbe } from './adapters/load/version-address.ts';
import { systemClock } from './adapters/runner/clock.ts';
import { runCommand } from './adapters/runner/spawn.ts';
import { type LoadTest, verifyLoad } from './app/verify-load.ts';
import { findLoadTest } from './config/config.ts';
import type { LoadTestConfig } from './config/load-test-config.ts';
import type { LoadTestResult } from './core/load/load-test-result.ts';
import { inOrder, renderFindingLine } from './core/report/gate-summary.ts';
import type { AdapterContext } from './ports/adapter-context.ts';
import { AdapterError } from './ports/adapter-error.ts';
import { loadConfig, once } from './wire.ts';
import type { GateRun, GateSetting } from './wire-gate.ts';

export interface LoadTestSetting extends GateSetting {
  readonly loadTest: string;
  /** Opens a fence around what a load generator prints, where a runner reads the log for commands. */
  readonly fence: () => { readonly line: (text: string) => void; readonly lift: () => void };
}

/** Carries out a load test of the configuration. */
export async function runLoadTest(
  setting: LoadTestSetting,
  signal: AbortSignal,
): Promise<GateRun<LoadTestResult>> {
  const loaded = await loadConfig(setting.baseDir, setting.config);
  if (!loaded.ok) return loaded;
  const { config } = loaded;
  const found = findLoadTest(config, setting.loadTest);
  if (!found.ok) return { ok: false, report: found.message };
  const { service, waivers } = config;
  const world = { service, waivers, clock: systemClock, subject: setting.subject };
  try {
    const test = loadTestOf(found.loadTest, setting, contextOf(setting, service));
    const result = await verifyLoad(world, test, signal);
    for (const finding of inOrder(result.findings)) setting.log(renderFindingLine(finding));
    return { ok: true, result };
  } catch (error) {
    if (error instanceof AdapterError) return { ok: false, report: error.message };
    throw error;
  }
}

function contextOf({ baseDir, env, mask, environment }: LoadTestSetting, service: string): AdapterContext {
  const forge = once(() => createGitHub({ env, clock: systemClock, mask }));
  return { service, environment, env, baseDir, clock: systemClock, mask, commands: runCommand, forge };
}

function loadTestOf(config: LoadTestConfig, setting: LoadTestSetting, context: AdapterContext): LoadTest {
  const { rules, normal, resources, generator, reports, metrics, version, accepted } = config;
  return {
    name: setting.loadTest,
    rules,
    normal,
    resources,
    generator: generator === null ? null : fenced(generator, setting, context),
    reports: reports === null ? null : reportFiles(reports, context.baseDir),
    source: metrics?.figures?.(context) ?? null,
    probe: version === null ? null : versionProbe(version, systemClock),
    accepted: accepted?.create(context, setting.loadTest) ?? null,
  };
}

/** While foreign programs write into the log, nobody obeys it. */
function fenced(
  generator: NonNullable<LoadTestConfig['generator']>,
  { fence }: LoadTestSetting,
  context: AdapterContext,
): LoadTest['generator'] {
  return {
    name: generator.type,
    run: async (order, signal) => {
      const { line, lift } = fence();
      try {
        return await generator.create({ ...context, log: line }).run(order, signal);
      } finally {
        lift();
      }
    },
  };
}
