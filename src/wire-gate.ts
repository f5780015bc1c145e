import { createGitHub } from './adapters/github/client.ts';
import { forgeFacts } from './adapters/github/facts.ts';
import { systemClock } from './adapters/runner/clock.ts';
import { runCommand } from './adapters/runner/spawn.ts';
import { evaluateGate } from './app/evaluate-gate.ts';
import { type Config, type EnvironmentConfig, findChecklist } from './config/config.ts';
import type { GateResult, Subject } from './core/checks/gate-result.ts';
import { inOrder, renderFindingLine } from './core/report/gate-summary.ts';
import { AdapterError } from './ports/adapter-error.ts';
import type { CheckContext } from './ports/check.ts';
import type { RecordWrite } from './ports/forge-facts.ts';
import { loadConfig, once, type Setting } from './wire.ts';
import { deployFacts } from './wire-migrations.ts';

export interface GateSetting extends Omit<Setting, 'observe'> {
  readonly subject: Subject;
}

export interface ChecklistSetting extends GateSetting {
  readonly checklist: string;
}

/** The report says what is wrong with the configuration; nothing was asked then. */
export type GateRun<Result extends GateResult = GateResult> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly report: string };

/** Runs a checklist of the configuration. Writes nothing outside. */
export async function runGate(setting: ChecklistSetting, signal: AbortSignal): Promise<GateRun> {
  const loaded = await loadConfig(setting.baseDir, setting.config);
  if (!loaded.ok) return loaded;
  const { config } = loaded;
  const found = findChecklist(config, setting.checklist);
  if (!found.ok) return { ok: false, report: found.message };
  try {
    const { checklist, subject } = setting;
    const gate = { checklist, checks: found.checks, waivers: config.waivers, subject };
    const result = await evaluateGate(gateContext(setting, config, signal), gate, signal);
    for (const finding of inOrder(result.findings)) setting.log(renderFindingLine(finding));
    return { ok: true, result };
  } catch (error) {
    if (error instanceof AdapterError) return { ok: false, report: error.message };
    throw error;
  }
}

/** The environment need not be configured: then there is no ledger and no router to ask. */
export function gateContext(setting: GateSetting, config: Config, signal: AbortSignal): CheckContext {
  const { baseDir, env, mask, log, environment } = setting;
  const { service, environments } = config;
  const clock = systemClock;
  const forge = once(() => createGitHub({ env, clock, mask }));
  const plain = { service, environment, env, baseDir, clock, mask, log, commands: runCommand, forge };
  const facts = once(() => forgeFacts(forge(), signal));
  const base = { ...plain, deploying: deployFacts(config, { ...plain, facts }) };
  const chosen = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (chosen === undefined) return { ...base, facts, ledger: null, router: null };
  const ledger = () => chosen.ledger.create(base);
  const router = () => chosen.router.create(base);
  return { ...base, facts, ledger, router, writes: writesOf(chosen) };
}

function writesOf({ ledger, github }: EnvironmentConfig): RecordWrite[] {
  const writes: RecordWrite[] = ledger.type === 'github' ? ['contents'] : [];
  if (github?.deployments === true) writes.push('deployments');
  if (github?.statuses === true) writes.push('statuses');
  if (github !== null && github.incidents !== null) writes.push('issues');
  return writes;
}
