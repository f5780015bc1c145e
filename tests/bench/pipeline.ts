import { canRun } from '../support/can-run.ts';
import { hasPrometheus } from '../support/prometheus.ts';
import { type Figure, skipped } from './figure.ts';
import { type JobRun, type PipelineRun, playPipelines } from './pipeline-run.ts';

/** Of `GITHUB_TOKEN`, in each repository. */
const HOURLY = 1_000;
/** Of the whole pipeline: of so many, eight could run within an hour. */
const BUDGET = 125;
const MINUTE_S = 60;

const missing = [canRun('haproxy', '-v') ? '' : 'haproxy', hasPrometheus ? '' : 'prometheus']
  .filter((name) => name !== '')
  .join(', ');

const sum = (jobs: readonly JobRun[]): number => jobs.reduce((total, { requests }) => total + requests, 0);

/** Requests to GitHub of every action of the pipeline, its commit statuses included. */
export async function measurePipeline(): Promise<readonly Figure[]> {
  if (missing !== '') return [skipped('requests of a whole pipeline', missing)];
  const { healthy, bad } = await playPipelines();
  return [
    totalFigure('healthy version, from the first checklist to promoted', healthy),
    ...healthy.jobs.map(jobFigure),
    secondsFigure(healthy),
    totalFigure('bad version: canary, safety net, reconcile', bad),
    ...bad.jobs.map((job) => jobFigure({ ...job, name: `${job.name}, bad version` })),
  ];
}

function totalFigure(what: string, { jobs }: PipelineRun): Figure {
  const requests = sum(jobs);
  const share = ((100 * requests) / HOURLY).toFixed(1);
  return {
    what,
    ours: `${requests} requests, ${share} % of an hour's`,
    target: `<= ${BUDGET} requests`,
    met: requests <= BUDGET,
    beside: [
      `GITHUB_TOKEN: ${HOURLY.toLocaleString('en-US')} requests an hour in a repository; checkout not counted`,
    ],
  };
}

function jobFigure({ name, requests, asked }: JobRun): Figure {
  const ours = `${requests} request${requests === 1 ? '' : 's'}`;
  const beside = [asked.map(([operation, times]) => `${operation} ${times}`).join(', ')];
  return { what: `  ${name}`, ours, target: null, met: null, beside };
}

/** Of every job; the canary's without its bakes. */
function secondsFigure({ jobs, baked }: PipelineRun): Figure {
  const own = jobs.map(({ name, seconds }) => ({
    name,
    seconds: name === 'canary' ? seconds - baked : seconds,
  }));
  const each = own.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`).join(', ');
  const minutes = own.reduce((total, { seconds }) => total + Math.ceil(seconds / MINUTE_S), 0);
  const all = own.reduce((total, { seconds }) => total + seconds, 0);
  return {
    what: 'the same, in time of a runner, bakes left out',
    ours: `${minutes} min billed, in ${own.length} jobs (${all.toFixed(0)} s)`,
    target: null,
    met: null,
    beside: [
      `seconds of their actions, with tests and load of seconds: ${each}`,
      'every job is billed by the started minute; the start of a runner and checkout are not measured here; bakes: section parked',
    ],
  };
}
