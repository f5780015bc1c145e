import { createGitHub } from './adapters/github/client.ts';
import { runProbe } from './adapters/github/run-probe.ts';
import { systemClock } from './adapters/runner/clock.ts';
import { processProbe, thisProcess } from './adapters/runner/process-owner.ts';
import { deployVersion } from './app/deploy-version.ts';
import type { DeployRequest, DeployWorld } from './app/deploy-world.ts';
import { type Config, findDeploy } from './config/config.ts';
import { nearest } from './config/nearest.ts';
import type { DeployResult } from './core/deploy/deploy-result.ts';
import { AdapterError } from './ports/adapter-error.ts';
import type { DeployPlan } from './ports/deploy-service.ts';
import type { PhaseLog } from './ports/phase-log.ts';
import { inTurn, loadConfig, once } from './wire.ts';
import { type GateRun, type GateSetting, gateContext } from './wire-gate.ts';
import { deployFacts } from './wire-migrations.ts';

export interface DeploySetting extends Omit<GateSetting, 'log'> {
  readonly phases: PhaseLog;
  readonly request: DeployRequest;
}

/** Deploys what the configuration says to the environment that the inputs name. */
export async function runDeploy(setting: DeploySetting, signal: AbortSignal): Promise<GateRun<DeployResult>> {
  const loaded = await loadConfig(setting.baseDir, setting.config);
  if (!loaded.ok) return loaded;
  const { config } = loaded;
  const found = findDeploy(config, setting.environment);
  if (!found.ok) return { ok: false, report: found.message };
  const missing = unknownService(found.plan, setting.request.only);
  if (missing !== null) return { ok: false, report: missing };
  try {
    const world = worldOf(setting, config, found.plan, signal);
    return { ok: true, result: await deployVersion(world, setting.request, signal) };
  } catch (error) {
    if (error instanceof AdapterError) return { ok: false, report: error.message };
    throw error;
  }
}

function unknownService({ services }: DeployPlan, only: string | null): string | null {
  const names = services.map(({ name }) => name);
  if (only === null || names.includes(only)) return null;
  const near = nearest(only, names);
  const fix = near === null ? 'name one of these' : `did you mean '${near}'?`;
  return `expected a service that is deployed there (${names.join(', ')}), saw '${only}'; ${fix}`;
}

function worldOf(setting: DeploySetting, config: Config, plan: DeployPlan, signal: AbortSignal): DeployWorld {
  const { env, mask } = setting;
  const context = gateContext({ ...setting, log: () => undefined }, config, signal);
  const forge = context.forge ?? once(() => createGitHub({ env, clock: systemClock, mask }));
  const owner = thisProcess(env);
  const facts = deployFacts(config, context);
  return {
    context,
    plan,
    migrations: facts.migrations,
    commitOf: facts.commitOf,
    owner,
    probe: inTurn(processProbe(), runProbe(forge)),
    log: setting.phases,
    logUrl: owner.url ?? null,
  };
}
