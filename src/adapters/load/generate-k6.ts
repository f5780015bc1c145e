import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { EpochMs } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import type { CommandOutcome } from '../../ports/command-runner.ts';
import type { Generated, LoadGenerator, RegisteredGenerator } from '../../ports/load-generator.ts';
import { secretOf, span, variable } from './load-fields.ts';
import { readLoadReport } from './read-report.ts';

/** What k6 exits with when a threshold of the script was crossed: the load was made in full. */
const THRESHOLDS_CROSSED = 99;
/** Tags that nobody reads here; each of them stands in every line of the report. */
const TAGS = 'status,error,error_code,expected_response,check,scenario,name,method,group';

const written = z
  .strictObject({
    type: z.literal('k6').describe('Made by k6, which must be on the PATH.'),
    script: z
      .string()
      .min(1)
      .meta({ examples: ['load/booking.js'] })
      .describe('The script, from the root of the workspace.'),
    env: z
      .record(variable, z.string())
      .prefault({})
      .describe('What the script reads from `__ENV`. No secrets here.'),
    'env-from': z
      .array(variable)
      .prefault([])
      .describe('Names of variables to hand on from the environment of this run, secrets for example.'),
    timeout: span('30m')
      .prefault('30m')
      .describe('How long k6 may run. It is ended then, and the test fails.'),
  })
  .describe('Load by a k6 script. Write its scenario with a constant arrival rate.');

type Written = z.output<typeof written>;

export const k6Schema = written.transform(
  (settings): RegisteredGenerator => ({
    type: settings.type,
    duration: null,
    create: (context) => k6Generator(settings, context),
  }),
);

function k6Generator(settings: Written, context: AdapterContext): LoadGenerator {
  return {
    name: 'k6',
    run: async ({ required }, signal) => {
      const folder = await mkdtemp(join(context.env.RUNNER_TEMP ?? tmpdir(), 'deploy-canary-k6-'));
      try {
        const report = join(folder, 'k6.json');
        const startedAt = context.clock.now();
        const outcome = await runK6(settings, context, { report, required }, signal);
        const flaw = flawOf(outcome, settings);
        return flaw ?? (await told(report, startedAt, signal));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function runK6(
  { script, env, timeout, ...settings }: Written,
  context: AdapterContext,
  { report, required }: { readonly report: string; readonly required: number | null },
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { baseDir, commands, log } = context;
  const secrets = settings['env-from'].map((name) => [name, secretOf(context, name)]);
  const wanted = required === null ? {} : { DEPLOY_CANARY_REQUIRED_RATE: String(Math.ceil(required)) };
  const all: Record<string, string> = { ...wanted, ...env, ...Object.fromEntries(secrets) };
  // Variables go by the environment: the command line can be read by everybody on the machine.
  // No `--quiet`: its next line of progress is what ends k6 when we were killed and nobody reads it any more.
  const options = ['--no-color', '--no-usage-report', '--include-system-env-vars', '--system-tags', TAGS];
  return commands({
    argv: ['k6', 'run', ...options, '--out', `json=${report}`, resolve(baseDir, script)],
    cwd: baseDir,
    env: { ...passedOn(context), ...all },
    timeout,
    signal,
    ...(log === undefined ? {} : { onLine: log }),
  });
}

function passedOn({ env }: AdapterContext): Record<string, string> {
  const known = [
    'PATH',
    'HOME',
    'TMPDIR',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
  ];
  return Object.fromEntries(known.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Null when k6 did what it was told. */
function flawOf(outcome: CommandOutcome, { script, timeout }: Written): Generated | null {
  const fix = 'see what k6 wrote into the log above';
  switch (outcome.kind) {
    case 'exited': {
      if (outcome.code === 0 || outcome.code === THRESHOLDS_CROSSED) return null;
      return { kind: 'failed', why: `k6 ended with ${outcome.code} (${script})`, fix };
    }
    case 'killed':
      return {
        kind: 'failed',
        why: `k6 was ended by ${outcome.signal} half way`,
        fix: 'see who ends it, and why',
      };
    case 'timed-out':
      return { kind: 'failed', why: `k6 did not end within ${timeout / 1_000} s`, fix: 'raise `timeout`' };
    case 'aborted':
      return { kind: 'failed', why: 'the load was stopped when the run was cancelled', fix: 'run it again' };
    case 'not-found':
      return {
        kind: 'unable',
        why: `k6 could not be started: ${outcome.why}`,
        fix: 'install k6 in a step before',
      };
  }
}

async function told(report: string, startedAt: EpochMs, signal: AbortSignal): Promise<Generated> {
  const reading = await readLoadReport(report, signal);
  if (reading.kind === 'unreadable')
    return { kind: 'unreadable', startedAt, report: { ...reading, file: 'k6.json' } };
  return { kind: 'done', startedAt, runs: reading.runs.map((run) => ({ ...run, source: 'k6' })) };
}
