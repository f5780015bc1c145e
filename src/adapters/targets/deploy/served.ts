import { z } from 'zod';
import type { Answer } from '../../../core/checks/answer.ts';
import { valueAtPath } from '../../../core/checks/json-path.ts';
import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import type { CheckContext } from '../../../ports/check.ts';
import type { Verification, Verified } from '../../../ports/deploy-service.ts';
import { duration, refuse } from '../command-schema.ts';
import { ask, type Answer as Reply } from '../health-request.ts';
import { parseJson } from '../reported-version.ts';
import { checkAssets } from './assets.ts';
import { headerFlaws, toPattern } from './header-flaws.ts';
import { placeUrl } from './health.ts';
import { fillIn } from './program.ts';

/** As a browser asks: what a cache holds is what people get. */
const AS_READER = { headers: { accept: '*/*' }, longest: 8_388_608 };

const pattern = z.string().superRefine((text, context) => {
  const fix = 'close its groups and brackets, and write \\ before a sign that stands for itself';
  if (toPattern(text) === null) refuse(context, 'a regular expression', fix);
});

const markerPattern = pattern.superRefine((text, context) => {
  const groups = toPattern(`${text}|`)?.exec('')?.length;
  if (groups === 1)
    refuse(
      context,
      'a regular expression with a group for the version',
      'put round brackets around it: `([^"]+)`',
    );
});

const marker = z
  .strictObject({
    url: placeUrl.optional().describe('Where the marker is. The page itself when left out.'),
    header: z.string().min(1).optional().describe('The header that names the version.'),
    field: z
      .string()
      .min(1)
      .optional()
      .describe('The field of a JSON answer that names it: `build.version`.'),
    pattern: markerPattern
      .optional()
      .describe(
        'A regular expression whose first group is the version, for any text: `name="version" content="([^"]+)"`.',
      ),
  })
  .superRefine((config, context) => {
    const ways = (['header', 'field', 'pattern'] as const).filter((way) => config[way] !== undefined);
    if (ways.length === 1) return;
    const expected = 'one of header, field and pattern';
    if (ways.length === 0) refuse(context, expected, 'add one', { seen: 'none of them' });
    else refuse(context, expected, 'keep one', { seen: ways.join(' and ') });
  })
  .describe('How the public place names the version that it serves.');

export const servedSchema = z
  .strictObject({
    url: placeUrl.describe('The page as people open it, redirects not followed.'),
    version: marker,
    headers: z
      .record(z.string().min(1), pattern)
      .prefault({})
      .describe(
        'Headers of the page, each with a regular expression that its value must match: `{ cache-control: no-cache }`.',
      ),
    assets: z
      .boolean()
      .prefault(true)
      .describe(
        'Every script, style, image, icon, preload and manifest of the page must answer 200, as what it is.',
      ),
    'asset-headers': z
      .record(z.string().min(1), pattern)
      .prefault({})
      .describe('The same for headers of scripts and styles: `{ cache-control: immutable }`.'),
    timeout: duration('10s').prefault('10s').describe('For one request.'),
    interval: duration('2s').prefault('2s').describe('Time between two looks.'),
    deadline: duration('60s')
      .prefault('60s')
      .describe('How long it may take until the new version is served.'),
    consecutive: z
      .int()
      .min(1)
      .max(100)
      .prefault(2)
      .describe('How many looks in a row must see it: a CDN answers from many places.'),
  })
  .describe('Looks at what is really served, as a browser would.');

type Served = z.output<typeof servedSchema>;

/** Looks at the public place of a front end. Asked as a browser asks, so that what a cache holds is seen. */
export function servedVerification(config: Served): Verification {
  return {
    kind: 'served',
    answers: async (context, subject, signal) =>
      (await seenNow(config, context, subject, signal)) === subject.version,
    running: (context, subject, signal) => seenNow(config, context, subject, signal),
    check: async (context, subject, signal) => {
      const version = await awaitVersion(config, context, subject, signal);
      if (version.answer.status !== 'pass') return [version];
      const url = fillIn(config.url, context, subject);
      const page = await ask(url, config.timeout, signal, AS_READER);
      const headers = Object.keys(config.headers).length === 0 ? [] : [headerCheck(page, config)];
      const assets = config.assets ? [await checkAssets(page, url, config, signal)] : [];
      return [version, ...headers, ...assets];
    },
  };
}

type Subject = Parameters<Verification['answers']>[1];

async function seenNow(
  config: Served,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<string | null> {
  const url = fillIn(config.version.url ?? config.url, context, subject);
  const reply = await ask(url, config.timeout, signal, AS_READER);
  return reply.kind === 'silence' || reply.status !== 200 ? null : markerIn(reply, config.version);
}

function markerIn(
  { headers, body }: Extract<Reply, { kind: 'answer' }>,
  { header, field, pattern: written }: Served['version'],
): string | null {
  if (header !== undefined) return textOf(headers[header.toLowerCase()]);
  if (field !== undefined) return textOf(valueAtPath(parseJson(body), field));
  return toPattern(written ?? '')?.exec(body)?.[1] ?? null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

async function awaitVersion(
  config: Served,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<Verified> {
  const { clock } = context;
  const began = clock.monotonic();
  const left = (): Milliseconds => began + config.deadline - clock.monotonic();
  let streak = 0;
  let looks = 0;
  let seen: string | null = null;
  while (streak < config.consecutive && !signal.aborted && (left() > 0 || looks === 0)) {
    seen = await seenNow(config, context, subject, signal);
    looks += 1;
    streak = seen === subject.version ? streak + 1 : 0;
    if (streak < config.consecutive)
      await clock.sleep(Math.min(config.interval, Math.max(0, left())), signal);
  }
  const took = `${looks} ${looks === 1 ? 'look' : 'looks'} in ${formatDuration(clock.monotonic() - began)}`;
  const url = fillIn(config.version.url ?? config.url, context, subject);
  const base = {
    expected: `${subject.version}, ${config.consecutive} times in a row`,
    evidence: [{ label: 'asked', url }],
    detail: took,
  };
  return {
    check: 'served-version',
    title: 'Version that is served',
    answer: { ...base, ...verdictOf(seen, streak >= config.consecutive, signal.aborted) },
  };
}

function verdictOf(
  seen: string | null,
  good: boolean,
  stopped: boolean,
): Pick<Answer, 'status' | 'code' | 'observed' | 'fix'> {
  if (good) return { status: 'pass', code: 'met', observed: seen ?? '' };
  const fix = 'see whether the upload is complete, and whether a cache still holds the old version';
  if (stopped) return { status: 'error', code: 'timed-out', observed: 'stopped before it was seen', fix };
  if (seen === null) return { status: 'no-data', code: 'missing', observed: 'no version marker', fix };
  return { status: 'fail', code: 'not-met', observed: seen.replaceAll(/\p{C}/gu, '?').slice(0, 100), fix };
}

function headerCheck(page: Reply, { headers }: Served): Verified {
  const flaws = page.kind === 'silence' ? [page.why] : headerFlaws(page.headers, headers);
  const expected = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
  const answer: Answer =
    flaws.length === 0
      ? { status: 'pass', code: 'met', observed: 'as expected', expected }
      : {
          status: 'fail',
          code: 'not-met',
          observed: flaws.join('; '),
          expected,
          fix: 'set the headers where the page is uploaded',
        };
  return { check: 'page-headers', title: 'Headers of the page', answer };
}
