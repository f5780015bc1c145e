import { Command } from 'commander';
import { readRecordings } from '../adapters/recordings/recording-file.ts';
import { findEnvironment } from '../config/config.ts';
import { DEFAULT_COMPARISON } from '../core/analysis/comparison/rules.ts';
import type { Kpi } from '../core/analysis/kpi.ts';
import { HANDBOOK_KPIS, recordedKpis } from '../core/replay/handbook.ts';
import type { Recording } from '../core/replay/recording.ts';
import { type Replayed, type ReplaySettings, replay } from '../core/replay/replay.ts';
import { formatDuration } from '../core/units.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import { loadConfig } from '../wire.ts';

interface Flags {
  readonly ticks: string;
  readonly config?: string;
  readonly environment: string;
  readonly every?: string;
  readonly json?: boolean;
}

type Policy = Omit<ReplaySettings, 'every'>;

function printed(text: string): void {
  process.stdout.write(text);
}

/** `replay`: what would have been decided over recorded rollouts, when and why. Touches nothing. */
export function replayCommand(write: (text: string) => unknown = printed): Command {
  const command = new Command('replay')
    .description('feed recorded ticks to the analysis and print what it would have decided; touches nothing')
    .requiredOption('--ticks <file>', 'recorded rollouts, one JSON object a line; may be gzipped')
    .option('--config <path>', "whose KPIs and comparison to use; without it, the handbook's")
    .option('--environment <name>', 'environment of the configuration', 'production')
    .option('--every <seconds>', 'look only every so many seconds, a multiple of the recorded tick')
    .option('--json', 'one JSON object a line for each rollout');
  return command.action(async (flags: Flags) => {
    const chosen = await policyOf(flags);
    if (typeof chosen === 'string') return command.error(chosen);
    const { policy, left } = chosen;
    if (left.length > 0) process.stderr.write(`not in the recording, and left out: ${left.join(', ')}\n`);
    try {
      for await (const recording of readRecordings(flags.ticks)) {
        const every = everyOf(recording, flags.every);
        if (every === null) return command.error(unevenEvery(recording, flags.every));
        const replayed = replay(recording, { ...policy, every });
        write(`${flags.json === true ? jsonLine(replayed) : row(replayed)}\n`);
      }
    } catch (error) {
      if (error instanceof AdapterError) return command.error(error.message);
      throw error;
    }
  });
}

/** The KPIs that the recording has streams for, and what it cannot serve; or what is wrong with the configuration. */
async function policyOf(flags: Flags): Promise<string | { policy: Policy; left: readonly string[] }> {
  if (flags.config === undefined) {
    return narrowed(HANDBOOK_KPIS, { comparison: DEFAULT_COMPARISON, hold: 300_000 });
  }
  const loaded = await loadConfig(process.cwd(), flags.config);
  if (!loaded.ok) return loaded.report;
  const found = findEnvironment(loaded.config, flags.environment);
  if (!found.ok) return found.message;
  const { kpis, comparison, judge, plan } = found.environment;
  return narrowed(kpis, { comparison, judge, hold: plan.budgets.hold });
}

function narrowed(kpis: readonly Kpi[], rest: Pick<Policy, 'comparison' | 'judge' | 'hold'>) {
  const recorded = recordedKpis(kpis);
  const isRecorded = ({ id }: Kpi): boolean => id === recorded.errors || id === recorded.latency;
  const watched = kpis.filter(isRecorded);
  // Without all of its metrics a judge would give another score.
  const isWhole = rest.judge?.metrics.every(({ kpi }) => watched.some(({ id }) => id === kpi)) ?? false;
  const policy: Policy = { ...rest, judge: isWhole ? (rest.judge ?? null) : null, recorded, kpis: watched };
  const left = kpis.filter((kpi) => !isRecorded(kpi)).map(({ id }) => id);
  return { policy, left: rest.judge && !isWhole ? [...left, 'the judge'] : left };
}

function everyOf({ tick }: Recording, seconds: string | undefined): number | null {
  if (seconds === undefined) return 1;
  const every = (Number(seconds) * 1_000) / tick;
  return Number.isInteger(every) && every >= 1 ? every : null;
}

function unevenEvery({ id, tick }: Recording, seconds: string | undefined): string {
  return `expected --every to be a multiple of ${tick / 1_000}, the seconds of a tick of ${id}, saw "${seconds ?? ''}"; choose one that is`;
}

function jsonLine({ id, decision, tick, seconds, reason, nonInferiorTick }: Replayed): string {
  const kpi = reason?.kpi ?? null;
  return JSON.stringify({
    id,
    decision,
    tick,
    seconds,
    reasonCode: reason?.code ?? null,
    kpi,
    nonInferiorTick,
  });
}

function row({ id, decision, seconds, reason, nonInferiorTick }: Replayed): string {
  const when = seconds === null ? '' : `after ${formatDuration(seconds * 1_000)}`;
  const calm = nonInferiorTick === null ? 'nothing fired' : 'nothing fired; proven no worse';
  return `${id.padEnd(28)} ${decision.padEnd(8)} ${when.padEnd(16)} ${reason?.message ?? calm}`;
}
