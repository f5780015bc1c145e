import { Command } from 'commander';
import { isTerminal, type ServiceRecord } from '../core/rollout/record.ts';
import { formatDuration } from '../core/units.ts';
import { messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import { wire } from '../wire.ts';

interface Flags {
  readonly config: string;
  readonly environment: string;
  readonly json?: boolean;
}

/** `status`: what the ledger says, what the router says, and whether the two agree. */
export function statusCommand(): Command {
  const command = new Command('status')
    .description('what serves, what is on trial, and what the router says')
    .option('--config <path>', 'configuration file', '.github/deploy-canary.yml')
    .option('--environment <name>', 'environment', 'production')
    .option('--json', 'print as JSON');
  return command.action(async (flags: Flags) => {
    const nothing = (): void => undefined;
    const base = { baseDir: process.cwd(), env: process.env, mask: nothing, log: nothing, observe: nothing };
    const wired = await wire({ ...base, config: flags.config, environment: flags.environment });
    if (!wired.ok) return command.error(wired.report);
    const { world } = wired;
    const limit = deadline(10_000);
    const history = await world.ledger.history(10, limit);
    const traffic = await world.router.read(limit).catch((error: unknown) => messageOf(error));
    const newest = history[0] ?? null;
    if (flags.json === true) {
      process.stdout.write(`${JSON.stringify({ record: newest?.record ?? null, traffic })}\n`);
      return;
    }
    process.stdout.write(`${describeStatus(newest, history, traffic).join('\n')}\n`);
  });
}

function describeStatus(
  newest: LedgerEntry | null,
  history: readonly LedgerEntry[],
  traffic: TrafficReading | string,
): string[] {
  if (newest === null) return ['Nothing was ever deployed here.', `Router   ${spellTraffic(traffic)}`];
  const { record } = newest;
  const lines = [
    `${record.service} in ${record.environment}`,
    `Stable   ${record.stable === null ? 'none' : `${record.stable.version} in slot ${record.stable.slot}`}`,
    `Kept     ${record.previous === null ? 'none' : `${record.previous.version} in slot ${record.previous.slot}`}`,
    `Rollout  ${rolloutLine(record)}`,
    `Router   ${spellTraffic(traffic)}`,
    '',
    'Newest entries of the ledger:',
  ];
  return [
    ...lines,
    ...history.map(
      (entry) =>
        `  ${String(entry.revision).padStart(5)}  ${new Date(entry.at).toISOString()}  ${entry.note}`,
    ),
  ];
}

function rolloutLine(record: ServiceRecord): string {
  const { rollout } = record;
  if (rollout === null) return 'none';
  const { phase, plan, steps } = rollout;
  const what = `${rollout.canary.version} is ${phase.name}`;
  if (isTerminal(phase))
    return `${what}${rollout.reason === null ? '' : ` (${rollout.reason.code}: ${rollout.reason.message})`}`;
  if (!('step' in phase)) return `${what}, driven by ${rollout.owner.name}`;
  const served = formatDuration(steps[phase.step]?.servedMs ?? 0);
  const bake = formatDuration(plan.steps[phase.step]?.bake ?? 0);
  const who =
    phase.name === 'parked'
      ? `until ${new Date(phase.wakeAt).toISOString()} by ${rollout.owner.name}`
      : `driven by ${rollout.owner.name}`;
  return `${what} at ${plan.steps[phase.step]?.weight ?? 0} %, ${served} of ${bake} served when last saved, ${who}`;
}

function spellTraffic(traffic: TrafficReading | string): string {
  if (typeof traffic === 'string') return `does not answer: ${traffic}`;
  const lease =
    traffic.lease === null
      ? 'no lease'
      : `lease of ${traffic.lease.holder} until ${new Date(traffic.lease.expiresAt).toISOString()}`;
  return `slot a ${traffic.shares.a} %, slot b ${traffic.shares.b} %, ${lease}`;
}
