import { basename } from 'node:path';
import { Command } from 'commander';
import { readRecordings } from '../adapters/recordings/recording-file.ts';
import { findEnvironment } from '../config/config.ts';
import { DEFAULT_COMPARISON } from '../core/analysis/comparison/rules.ts';
import type { Kpi } from '../core/analysis/kpi.ts';
import { HANDBOOK_KPIS, recordedKpis } from '../core/replay/handbook.ts';
import type { Recording } from '../core/replay/recording.ts';
import { judgementOf, pastOf, type ReplaySettings } from '../core/replay/replay.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import { loadConfig } from '../wire.ts';
import { type ReplayOutput, replayOutput } from './replay-output.ts';
import { readWindow, strayFlags, type WindowFlags } from './replay-window.ts';

interface Flags extends WindowFlags {
  readonly json?: boolean;
  readonly report?: string;
}

const NOTHING_TO_READ =
  'expected --ticks with a file, or --prometheus with a url, saw neither; say what to replay';

type Policy = Omit<ReplaySettings, 'every'>;
type Watched = Pick<Policy, 'kpis' | 'comparison'>;
type Write = (text: string) => unknown;

function printed(text: string): void {
  process.stdout.write(text);
}

/** `replay`: what would have been decided over recorded rollouts, when and why. Touches nothing. */
export function replayCommand(write: Write = printed): Command {
  const command = new Command('replay')
    .description('feed recorded ticks to the analysis and print what it would have decided; touches nothing')
    .option('--ticks <file>', 'recorded rollouts, one JSON object a line; may be gzipped')
    .option('--prometheus <url>', 'instead of a file: a server that has scraped both arms')
    .option('--start <moment>', 'with --prometheus: when the first bake began, such as 2026-03-01T14:00:00Z')
    .option('--end <moment>', 'with --prometheus: where to stop, if the plan does not stop before')
    .option('--canary <slot>', 'with --prometheus: the slot that was on trial, a or b (default: b)')
    .option('--config <path>', "whose KPIs and comparison to use; without it, the handbook's")
    .option('--environment <name>', 'environment of the configuration', 'production')
    .option('--every <seconds>', 'look only every so many seconds, a multiple of the recorded tick')
    .option('--report <file>', 'write an HTML page with the charts: of one rollout, or an overview of many')
    .option('--json', 'one JSON object a line for each rollout, and no totals');
  return command.action(async (flags: Flags) => {
    try {
      const wrong = await (flags.prometheus === undefined ? replayFile : replayWindow)(flags, write);
      if (wrong !== null) command.error(wrong);
    } catch (error) {
      if (error instanceof AdapterError) return command.error(error.message);
      throw error;
    }
  });
}

/** Answers with what is wrong with the flags; null when all went well. */
async function replayFile(flags: Flags, write: Write): Promise<string | null> {
  const { ticks } = flags;
  if (ticks === undefined) return NOTHING_TO_READ;
  const stray = strayFlags(flags);
  if (stray !== null) return stray;
  const chosen = await policyOf(flags);
  if (typeof chosen === 'string') return chosen;
  const { policy, left } = chosen;
  if (left.length > 0) process.stderr.write(`not in the recording, and left out: ${left.join(', ')}\n`);
  const output = outputOf(flags, policy, basename(ticks), write);
  for await (const recording of readRecordings(ticks)) {
    const every = everyOf(recording, flags.every);
    if (every === null) return unevenEvery(recording, flags.every);
    const settings = { ...policy, every };
    output.replay(pastOf(recording, settings), judgementOf(recording, settings));
  }
  await output.end();
  return null;
}

async function replayWindow(flags: Flags, write: Write): Promise<string | null> {
  const read = await readWindow(flags, new AbortController().signal);
  if (!read.ok) return read.report;
  if (read.warning !== null) process.stderr.write(`${read.warning}\n`);
  const output = outputOf(flags, read.judgement, read.source, write);
  output.replay(read.past, read.judgement);
  await output.end();
  return null;
}

function outputOf(flags: Flags, policy: Watched, source: string, write: Write): ReplayOutput {
  return replayOutput({
    kpis: policy.kpis,
    json: flags.json === true,
    report: flags.report ?? null,
    origin: { source, policy: policyWords(flags, policy), generatedAt: Date.now() },
    write,
    columns: process.stdout.isTTY ? process.stdout.columns : null,
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

function policyWords({ config, environment, every }: Flags, { comparison }: Watched): string {
  const kpis = config === undefined ? 'the handbook’s KPIs' : `the KPIs of ${environment} in ${config}`;
  const compared = comparison === null ? 'no comparison' : `a comparison at alpha ${comparison.alpha}`;
  return `${kpis}, ${compared}${every === undefined ? '' : `, a look every ${every} s`}`;
}

function everyOf({ tick }: Recording, seconds: string | undefined): number | null {
  if (seconds === undefined) return 1;
  const every = (Number(seconds) * 1_000) / tick;
  return Number.isInteger(every) && every >= 1 ? every : null;
}

function unevenEvery({ id, tick }: Recording, seconds: string | undefined): string {
  return `expected --every to be a multiple of ${tick / 1_000}, the seconds of a tick of ${id}, saw "${seconds ?? ''}"; choose one that is`;
}
