import { resolve } from 'node:path';
import type { Placement, Slot, Version } from '../../core/rollout/record.ts';
import { formatDuration } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CommandOutcome } from '../../ports/command-runner.ts';
import type { DeployTarget } from '../../ports/deploy-target.ts';
import { handedOn, maskListed } from '../../ports/handed-on.ts';
import { type CommandConfig, commandConfigSchema, isHealthUrl } from './command-schema.ts';
import { answersNow, checkHealth, type HealthSpec } from './health-check.ts';
import { fill, type Place, valuesOf } from './placeholders.ts';

const PROVIDER = 'command-target';
/**
 * Nothing that a shell, a URL or an option parser would read as more than a name: somebody will write
 * `sh -c "... {version}"`, and a version may come from a tag that anybody can push.
 */
export const SAFE_VERSION = /^[A-Za-z0-9_][A-Za-z0-9._+/@:-]*$/;
const SHOWN_LINES = 10;
const SHOWN_CHARACTERS = 1_500;

type What = 'start' | 'stop';

export const commandTargetSchema = commandConfigSchema.transform(
  (config): Registered<DeployTarget> => ({
    type: config.type,
    create: (context) => commandTarget(config, context),
  }),
);

/** Runs versions in slots by the user's own programs, and asks the service itself whether they do. */
export function commandTarget(config: CommandConfig, context: AdapterContext): DeployTarget {
  const spec = specOf(config);
  maskListed(config['env-from'], context);
  return {
    deploy: async (placement, signal) => {
      const url = urlFor(config, context, placement);
      if (await answersNow(url, placement, spec, signal)) return 'already-running';
      await run(
        'start',
        config.start,
        placeOf(context, placement.slot, placement.version),
        config,
        context,
        signal,
      );
      return 'started';
    },
    health: async (placement, signal) =>
      checkHealth(
        urlFor(config, context, placement),
        { version: placement.version, where: `in slot ${placement.slot}` },
        spec,
        context.clock,
        signal,
      ),
    stop: async (slot, signal) => {
      if (config.stop === undefined) return;
      await run('stop', config.stop, placeOf(context, slot, null), config, context, signal);
    },
  };
}

function specOf({ health }: CommandConfig): HealthSpec {
  const header = health['version-header'];
  return {
    status: health.status,
    version:
      header === undefined
        ? { kind: 'field', path: health['version-field'] ?? '' }
        : { kind: 'header', name: header },
    timeout: health.timeout,
    consecutive: health.consecutive,
    interval: health.interval,
    deadline: health.deadline,
    maxLatency: health['max-latency'] ?? null,
  };
}

function placeOf({ service, environment }: AdapterContext, slot: Slot, version: Version | null): Place {
  return { slot, version, service, environment };
}

function urlFor(config: CommandConfig, context: AdapterContext, { slot, version }: Placement): string {
  if (!SAFE_VERSION.test(version)) {
    throw refused(
      `expected a version of letters, digits and . _ + - / @ : that does not begin with a sign, saw ${JSON.stringify(version)}; rename the tag, or deploy the commit SHA`,
    );
  }
  const { url: given } = config.health;
  const template = typeof given === 'string' ? given : given[slot];
  const url = fill(template, valuesOf(placeOf(context, slot, version)), encodeURIComponent);
  if (isHealthUrl(url)) return url;
  throw refused(`expected health.url to be a URL, saw "${url}"; change its placeholders`);
}

async function run(
  what: What,
  template: readonly string[],
  place: Place,
  config: CommandConfig,
  context: AdapterContext,
  signal: AbortSignal,
): Promise<void> {
  const argv = template.map((part) => fill(part, valuesOf(place)));
  const { log } = context;
  const outcome = await context.commands({
    argv,
    cwd: resolve(context.baseDir, config['working-directory']),
    env: environmentFor(place, config, context.env),
    timeout: config.timeout,
    signal,
    ...(log === undefined ? {} : { onLine: (line: string) => log(line) }),
  });
  const failure = failureOf(what, argv[0] ?? '', outcome, config);
  if (failure !== null) throw failure;
  if (outcome.kind === 'exited' && outcome.heldOutput) log?.(heldOutput(what));
}

function environmentFor(
  place: Place,
  config: CommandConfig,
  env: AdapterContext['env'],
): Record<string, string> {
  return {
    ...handedOn(config['env-from'], { env }, refused),
    ...config.env,
    DEPLOY_CANARY_SLOT: place.slot,
    DEPLOY_CANARY_SERVICE: place.service,
    DEPLOY_CANARY_ENVIRONMENT: place.environment,
    ...(place.version === null ? {} : { DEPLOY_CANARY_VERSION: place.version }),
  };
}

function failureOf(
  what: What,
  program: string,
  outcome: CommandOutcome,
  config: CommandConfig,
): AdapterError | null {
  const name = `the ${what} command ${program}`;
  const told = 'output' in outcome ? lastWords(outcome.output) : '';
  switch (outcome.kind) {
    case 'exited':
      if (outcome.code === 0) return null;
      return failed(
        'exit-code',
        false,
        `expected ${name} to exit with 0, saw ${outcome.code}; see its output${told}`,
      );
    case 'killed':
      return failed(
        'exit-code',
        true,
        `expected ${name} to exit with 0, saw it killed by ${outcome.signal}; see its output${told}`,
      );
    case 'timed-out': {
      const limit = formatDuration(config.timeout);
      const cure = 'raise `timeout`, or let the command end once the service runs';
      return failed(
        'timeout',
        false,
        `expected ${name} to end within ${limit}, saw it still running; ${cure}${told}`,
      );
    }
    case 'aborted':
      return failed(
        'timeout',
        true,
        `expected ${name} to end, saw the call stopped before; run it again${told}`,
      );
    case 'not-found': {
      const cure = `check \`${what}\`, \`working-directory\` and PATH`;
      return failed('refused', false, `expected ${name} to start, saw that ${outcome.why}; ${cure}`);
    }
  }
}

function lastWords(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n').slice(-SHOWN_CHARACTERS);
  return lines === '' ? ' (it printed nothing)' : `:\n${lines}`;
}

function heldOutput(what: What): string {
  return `deploy-canary: the ${what} command has ended, but what it left running still holds its output, which nobody reads now. Start it with its output in a file, or it may die at its next line.`;
}

function refused(message: string): AdapterError {
  return failed('refused', false, message);
}

function failed(code: AdapterError['code'], retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}
