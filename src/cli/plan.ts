import { Command } from 'commander';
import { type EnvironmentConfig, findEnvironment } from '../config/config.ts';
import { formatLimit, type Kpi } from '../core/analysis/kpi.ts';
import { fitsWithin, timetable } from '../core/rollout/plan.ts';
import { formatDuration, parseDuration } from '../core/units.ts';
import { loadConfig } from '../wire.ts';

interface Flags {
  readonly config: string;
  readonly environment: string;
  readonly jobLimit: string;
}

/** `plan`: what a rollout would do and when, and whether it is sure to end within the job's limit. Touches nothing. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('print what a rollout would do, with times; touches nothing')
    .option('--config <path>', 'configuration file', '.github/deploy-canary.yml')
    .option('--environment <name>', 'environment', 'production')
    .option('--job-limit <duration>', 'how long the job may run', '6h');
  return command.action(async (flags: Flags) => {
    const loaded = await loadConfig(process.cwd(), flags.config);
    if (!loaded.ok) return command.error(loaded.report);
    const found = findEnvironment(loaded.config, flags.environment);
    if (!found.ok) return command.error(found.message);
    const chosen = found.environment;
    const limit = parseDuration(flags.jobLimit);
    if (limit === null)
      return command.error(`expected --job-limit such as 6h or 90m, saw "${flags.jobLimit}"`);
    process.stdout.write(`${describePlan(loaded.config.service, chosen, limit).join('\n')}\n`);
    process.exitCode = fitsWithin(chosen.plan, limit).fits ? 0 : 1;
  });
}

function describePlan(service: string, chosen: EnvironmentConfig, limit: number): string[] {
  const { plan, kpis } = chosen;
  const row = (a: string, b: string, c: string, d: string): string =>
    `  ${a.padEnd(20)}${b.padEnd(12)}${c.padEnd(12)}${d}`.trimEnd();
  const times = timetable(plan).map((line) =>
    row(
      line.what,
      `+${formatDuration(line.from)}`,
      line.lasts === 0 ? '' : formatDuration(line.lasts),
      `${formatDuration(line.atMost).padEnd(line.note === undefined ? 0 : 12)}${line.note ?? ''}`,
    ),
  );
  const width = Math.max(...kpis.map((kpi) => kpi.title.length), 0) + 2;
  const limits = kpis.map(
    (kpi) =>
      `  ${kpi.title.padEnd(width)}${formatLimit(kpi.alert, kpi.unit).padEnd(12)}${whenOf(kpi)}, from ${kpi.minSamples} events`,
  );
  const fit = fitsWithin(plan, limit);
  const verdict = fit.fits
    ? `It ends within ${formatDuration(fit.worstCase)} in the worst case; the job may run ${formatDuration(limit)}.`
    : `It would be REFUSED: ${fit.arithmetic}.`;
  return [
    `${service} to ${chosen.name}, a look every ${formatDuration(plan.tick)}`,
    '',
    row('', 'starts', 'lasts', 'at most'),
    ...times,
    '',
    'Ends the rollout at once:',
    ...limits,
    '',
    verdict,
  ];
}

/** `for 5m`, or `at failure 3, measured every 1m` */
function whenOf({ for: holds, policy }: Kpi): string {
  if (policy === undefined) return `for ${formatDuration(holds)}`;
  const { failuresAllowed, interval } = policy;
  const end = failuresAllowed === null ? 'at no failure' : `at failure ${failuresAllowed + 1} of a step`;
  return `${end}, measured every ${formatDuration(interval)}`;
}
