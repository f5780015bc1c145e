import { evaluateChecklist, type Waiver } from '../core/checks/checklist.ts';
import { type Subject, toGateResult } from '../core/checks/gate-result.ts';
import { figuresOf } from '../core/load/figures.ts';
import { judgeLoadTest } from '../core/load/judge-load-test.ts';
import type { FoundRun, LoadFacts, LoadTestRules, NormalTraffic } from '../core/load/load-test.ts';
import { type LoadTestResult, toldFigures } from '../core/load/load-test-result.ts';
import type { AcceptedRuns } from '../ports/accepted-runs.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { FigureSource } from '../ports/figure-source.ts';
import type { Generated, LoadGenerator } from '../ports/load-generator.ts';
import type { LoadReports, ReadReports } from '../ports/load-reports.ts';
import type { VersionProbe } from '../ports/version-probe.ts';
import { keepIfGreen, newestAccepted } from './accept-load.ts';
import { type AskedNormal, type AskedResource, askNormal, askResources } from './ask-figures.ts';
import { watchVersion } from './watch-version.ts';

/** A load test as it is configured, with the adapters that carry it out. What is null was not asked for. */
export interface LoadTest {
  readonly name: string;
  readonly rules: LoadTestRules;
  readonly normal: AskedNormal;
  readonly resources: readonly AskedResource[];
  readonly generator: LoadGenerator | null;
  readonly reports: LoadReports | null;
  readonly source: FigureSource | null;
  readonly probe: VersionProbe | null;
  readonly accepted: AcceptedRuns | null;
}

export interface LoadTestWorld {
  readonly service: string;
  readonly clock: Clock;
  readonly waivers: readonly Waiver[];
  readonly subject: Subject;
}

/** Makes the load or reads of it, asks what the system did meanwhile, judges, and keeps a green run for the next. */
export async function verifyLoad(
  world: LoadTestWorld,
  test: LoadTest,
  signal: AbortSignal,
): Promise<LoadTestResult> {
  const { clock, subject, service, waivers } = world;
  const startedAt = clock.now();
  const normal = await askNormal(test.normal, { source: test.source, now: startedAt }, signal);
  const watched = await watchVersion(test.probe, clock, signal, () => makeLoad(test, normal, signal));
  const gathered = await gather(test, watched.value, signal);
  const early: Gathered = { ...gathered, normal };
  const figures = figuresOf(test.rules, early);
  const resources = await askResources(test.resources, { source: test.source, clock, figures }, signal);
  const newest = await newestAccepted(test.accepted, signal);
  const facts: LoadFacts = {
    ...early,
    now: clock.now(),
    versions: watched.seen,
    expectedVersions: [subject.version, subject.sha],
    resources,
    baseline: newest.baseline,
  };
  const ours = waivers.filter(({ checklist }) => checklist === null || checklist === test.name);
  const verdict = evaluateChecklist(judgeLoadTest(test.rules, facts, figures), ours, subject.now);
  const kept = await keepIfGreen({ ...test, subject, newest }, { verdict, figures, facts }, signal);
  const run = { operation: 'load-test' as const, gate: test.name, service, subject, startedAt };
  const result = toGateResult({ ...run, endedAt: clock.now(), cancelled: signal.aborted }, verdict);
  return { ...result, ...toldFigures(test.rules, facts, figures), baseline: newest.told, ...kept };
}

type Gathered = Pick<LoadFacts, 'unmatched' | 'found' | 'unreadable' | 'generator' | 'normal'>;

async function makeLoad(
  { generator, rules }: LoadTest,
  normal: NormalTraffic,
  signal: AbortSignal,
): Promise<Generated | null> {
  if (generator === null) return null;
  const required = normal.kind === 'known' ? normal.rate * rules.times : null;
  try {
    return await generator.run({ required }, signal);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { kind: 'unable', why: said(error), fix: 'put right what it says, and run it again' };
  }
}

function said(error: AdapterError): string {
  return error.message.replace(`${error.provider}: `, '');
}

/** All runs of the test: those of our own generator, and those that others wrote down. */
async function gather(
  { reports }: LoadTest,
  generated: Generated | null,
  signal: AbortSignal,
): Promise<Omit<Gathered, 'normal'>> {
  const read = reports === null ? NO_REPORTS : await readAll(reports, signal);
  const own: FoundRun[] =
    generated?.kind === 'done' ? generated.runs.map((run) => ({ run, writtenAt: generated.startedAt })) : [];
  const broken = generated?.kind === 'unreadable' ? [generated.report] : [];
  return {
    unmatched: read.unmatched,
    found: [...own, ...read.found],
    unreadable: [...broken, ...read.unreadable],
    generator: endOf(generated),
  };
}

const NO_REPORTS: ReadReports = { found: [], unreadable: [], unmatched: [] };

async function readAll(reports: LoadReports, signal: AbortSignal): Promise<ReadReports> {
  try {
    return await reports.read(signal);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    const flaw = {
      file: reports.place,
      position: { byte: 0 },
      expected: 'a file to read',
      seen: said(error),
    };
    return { ...NO_REPORTS, unreadable: [{ kind: 'unreadable', ...flaw }] };
  }
}

function endOf(generated: Generated | null): LoadFacts['generator'] {
  if (generated === null) return null;
  if (generated.kind === 'failed' || generated.kind === 'unable') return generated;
  return { kind: 'done', startedAt: generated.startedAt };
}
