import { resolve } from 'node:path';
import { z } from 'zod';
import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { CommandOutcome } from '../../../ports/command-runner.ts';
import { handedOn, maskListed } from '../../../ports/handed-on.ts';
import type { MetricsProvider, MetricsSpec, RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { httpUrl, span } from '../metric-fields.ts';
import { readFrom } from '../scrape/endpoint.ts';
import { createSeriesProvider } from '../scrape/scrape-provider.ts';
import { checkAge, type Document, DocumentError, parseDocument, SLOT_LABEL } from './document.ts';

const SHOWN = 300;
const LARGEST_OUTPUT = 16 * 1024 * 1024;

interface Pace {
  readonly timeout: Milliseconds;
  readonly staleAfter: Milliseconds;
}

interface CommandSettings extends Pace {
  readonly argv: readonly string[];
  readonly directory: string;
  readonly envFrom: readonly string[];
}

interface JsonSettings extends Pace {
  readonly url: string;
  readonly tokenEnv: string | null;
}

type Read = (signal: AbortSignal) => Promise<Document>;

function createDocumentProvider(
  place: string,
  read: Read,
  staleAfter: Milliseconds,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const fresh = async (signal: AbortSignal): Promise<Document> => {
    const document = await read(signal);
    checkAge(document, context.clock.now(), staleAfter);
    return document;
  };
  const told = (signal: AbortSignal): Promise<Document> =>
    fresh(signal).catch((error: unknown) => {
      if (error instanceof DocumentError) throw new Error(`${place}: ${error.message}`, { cause: error });
      throw error;
    });
  const endpoints = [{ url: place, name: place, slot: null }];
  const settings = {
    endpoints,
    slotLabel: SLOT_LABEL,
    read: (_: unknown, signal: AbortSignal) => told(signal),
  };
  return createSeriesProvider(settings, context, spec);
}

function createCommandMetrics(
  settings: CommandSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const { argv, directory, envFrom, timeout, staleAfter } = settings;
  maskListed(envFrom, context);
  const place = `the metrics command ${argv[0] ?? ''}`;
  const read: Read = async (signal) => {
    const lines: string[] = [];
    let size = 0;
    const outcome = await context.commands({
      argv,
      cwd: resolve(context.baseDir, directory),
      env: environmentFor(envFrom, context),
      timeout,
      signal,
      onLine: (line, stream) => {
        if (stream === 'stderr') return context.log?.(line);
        size += line.length;
        if (size <= LARGEST_OUTPUT) lines.push(line);
      },
    });
    if (outcome.kind === 'exited' && outcome.code === 0) return parseDocument(lines.join('\n'));
    throw failureOf(place, outcome, timeout);
  };
  return createDocumentProvider(place, read, staleAfter, context, spec);
}

function environmentFor(names: readonly string[], context: AdapterContext): Record<string, string> {
  return {
    ...handedOn(names, context, (message) => new Error(message)),
    DEPLOY_CANARY_SERVICE: context.service,
    DEPLOY_CANARY_ENVIRONMENT: context.environment,
  };
}

function failureOf(place: string, outcome: CommandOutcome, timeout: Milliseconds): Error {
  const said = 'output' in outcome ? outcome.output.trim().slice(-SHOWN).replace(/\s+/g, ' ') : '';
  const told = said === '' ? '' : ` (${said})`;
  switch (outcome.kind) {
    case 'exited':
      return new Error(`expected ${place} to exit with 0, saw ${outcome.code}${told}; check what it needs`);
    case 'killed':
      return new Error(`expected ${place} to exit with 0, saw ${outcome.signal}${told}; check what it needs`);
    case 'timed-out':
      return new Error(
        `expected ${place} to end within ${formatDuration(timeout)}${told}; check it, or raise timeout`,
      );
    case 'aborted':
      return new Error(`${place} was stopped before it had ended`);
    case 'not-found':
      return new Error(`expected ${place} to start, saw that ${outcome.why}; check its path`);
  }
}

function createJsonMetrics(
  settings: JsonSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const { url, tokenEnv, timeout, staleAfter } = settings;
  const token = tokenEnv === null ? null : (context.env[tokenEnv] ?? '');
  if (token !== null && token !== '') context.mask(token);
  const provider = 'json-metrics';
  const { origin, pathname } = new URL(url);
  const place = `${origin}${pathname}`;
  const read: Read = async (signal) => {
    if (token === '')
      throw new Error(`expected a token in the variable ${tokenEnv}, saw none; check the job's env`);
    const reading = {
      accept: 'application/json',
      parse: (_: Response, text: string) => parsedOf(place, text),
    };
    return readFrom({ url, timeout, token, provider }, reading, signal);
  };
  return createDocumentProvider(place, read, staleAfter, context, spec);
}

/** Inside the request, where only an AdapterError is told as it is. */
function parsedOf(place: string, text: string): Document {
  try {
    return parseDocument(text);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const message = `${place}: ${error.message}`;
    throw new AdapterError('json-metrics', 'invalid-answer', message, { retryable: false, cause: error });
  }
}

const paceFields = {
  timeout: span('10s')
    .prefault('3s')
    .describe('How long one complete answer may take. Keep it below the tick.'),
  'stale-after': span('60s', { minutes: 60 })
    .prefault('60s')
    .describe('How old the numbers of a document may be, by its `at`; older ones are an error.'),
};

/** `metrics: {type: command, ...}` of the config. */
export const commandMetricsSchema = z
  .strictObject({
    type: z.literal('command').describe('Takes counters from a program of your own, as one JSON document.'),
    command: z
      .array(z.string())
      .min(1)
      .meta({ examples: [['./metrics.sh']] })
      .describe('Program and arguments that print the document on stdout, once for each tick.'),
    'working-directory': z.string().min(1).describe('Where it runs, from the config file.').prefault('.'),
    'env-from': z
      .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
      .max(50)
      .describe('Variables of the job that it gets, besides PATH and HOME.')
      .prefault([]),
    ...paceFields,
  })
  .transform((entry): RegisteredMetrics => {
    const { type, command: argv, 'working-directory': directory, 'env-from': envFrom, timeout } = entry;
    const settings = { argv, directory, envFrom, timeout, staleAfter: entry['stale-after'] };
    return { type, create: (context, spec) => createCommandMetrics(settings, context, spec) };
  });

/** `metrics: {type: json, ...}` of the config. */
export const jsonMetricsSchema = z
  .strictObject({
    type: z.literal('json').describe('Takes counters from an address of your own, as one JSON document.'),
    url: httpUrl('https://metrics.example.org/canary', 'token-env').describe(
      'Address that answers with the document.',
    ),
    'token-env': z
      .string()
      .min(1)
      .optional()
      .describe('Name of the environment variable with a bearer token that it is sent.'),
    ...paceFields,
  })
  .transform(({ type, url, timeout, ...rest }): RegisteredMetrics => {
    const settings = { url, timeout, tokenEnv: rest['token-env'] ?? null, staleAfter: rest['stale-after'] };
    return { type, create: (context, spec) => createJsonMetrics(settings, context, spec) };
  });
