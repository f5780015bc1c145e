import { resolve } from 'node:path';
import type { Answer } from '../../../core/checks/answer.ts';
import { decideCommand, endOf } from '../../../core/checks/command.ts';
import type { Subject } from '../../../core/checks/gate-result.ts';
import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { CheckContext } from '../../../ports/check.ts';
import type { CommandOutcome } from '../../../ports/command-runner.ts';
import type { Step } from '../../../ports/deploy-service.ts';
import { handedOn, maskListed } from '../../../ports/handed-on.ts';
import { SAFE_VERSION } from '../command-target.ts';
import { fill } from '../placeholders.ts';

/** What all programs of a service have in common. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly envFrom: readonly string[];
  readonly workingDirectory: string;
  readonly timeout: Milliseconds;
}

/** Of what a program wrote, the last of it stays as evidence. */
const EVIDENCE_LINES = 12;
const EVIDENCE_CHARACTERS = 1_500;

/** A program of the user's as a step: its output goes to the log, and the end of it into the finding. */
export function programStep(argv: readonly string[], surroundings: Surroundings): Step {
  return {
    title: argv[0] ?? '',
    run: async (context, subject, signal) => {
      const filled = argv.map((part) => fillIn(part, context, subject));
      const outcome = await start(filled, surroundings, context, subject, signal);
      const output = 'output' in outcome ? outcome.output : '';
      return withEvidence(filled, outcome, output, surroundings);
    },
  };
}

/** Puts version, service and environment in. A version that a shell would read as more than a name is refused. */
export function fillIn(text: string, { service }: CheckContext, { version, environment }: Subject): string {
  return fill(text, { version: safe(version), service, environment });
}

function safe(version: string): string {
  if (SAFE_VERSION.test(version)) return version;
  const message = `expected a version of letters, digits and . _ + - / @ : that does not begin with a sign, saw ${JSON.stringify(version)}; rename the tag, or deploy the commit SHA`;
  throw refused(message);
}

function start(
  argv: readonly string[],
  { env, envFrom, workingDirectory, timeout }: Surroundings,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const facts = {
    DEPLOY_CANARY_SERVICE: context.service,
    DEPLOY_CANARY_ENVIRONMENT: subject.environment,
    DEPLOY_CANARY_VERSION: safe(subject.version),
    DEPLOY_CANARY_SHA: subject.sha,
  };
  maskListed(envFrom, context);
  return context.commands({
    argv,
    cwd: resolve(context.baseDir, workingDirectory),
    env: { ...handedOn(envFrom, context, refused), ...env, ...facts },
    timeout,
    signal,
    onLine: (line) => context.log?.(line),
  });
}

function refused(message: string): AdapterError {
  return new AdapterError('deploy', 'refused', message, { retryable: false });
}

function withEvidence(
  argv: readonly string[],
  outcome: CommandOutcome,
  output: string,
  { timeout }: Surroundings,
): Answer {
  const decided = decideCommand(argv, endOf(outcome), output);
  const late =
    outcome.kind === 'timed-out' ? { observed: `not ended within ${formatDuration(timeout)}` } : {};
  const lines = output.trimEnd().split('\n').slice(-EVIDENCE_LINES).join('\n').slice(-EVIDENCE_CHARACTERS);
  // A program that fails to do what it must is a no, however it ended; only one that was stopped leaves it open.
  const status = decided.status === 'error' && outcome.kind !== 'aborted' ? 'fail' : decided.status;
  return { ...decided, ...late, status, ...(lines === '' ? {} : { detail: lines }) };
}
