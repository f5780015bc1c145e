import { z } from 'zod';
import { type Milliseconds, parseDuration } from '../../core/units.ts';
import { fill, PLACEHOLDERS, type Placeholder, strangersIn, valuesOf } from './placeholders.ts';

type Context = z.core.$RefinementCtx;

/** The three parts travel in the issue, so that the configuration can tell them with file and line. */
export function refuse(
  context: Context,
  expected: string,
  fix: string,
  { path = [], seen }: { readonly path?: readonly (string | number)[]; readonly seen?: string } = {},
): void {
  context.addIssue({
    code: 'custom',
    message: `expected ${expected}; ${fix}`,
    params: { expected, fix, ...(seen === undefined ? {} : { seen }) },
    path: [...path],
  });
}

/** For editors; `parseDuration` decides. */
const DURATION = /^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/;

export function duration(example: string) {
  return z
    .string()
    .meta({ pattern: DURATION.source, examples: [example] })
    .transform((text, context): Milliseconds => {
      const ms = parseDuration(text);
      if (ms !== null && ms > 0) return ms;
      refuse(context, `a duration above 0 such as ${example}`, `write \`${example}\``);
      return z.NEVER;
    });
}

export function checkPlaceholders(text: string, known: readonly Placeholder[], context: Context): void {
  for (const { name, nearest } of strangersIn(text, known)) {
    const expected = `one of the placeholders ${known.map((one) => `{${one}}`).join(', ')}, not {${name}}`;
    refuse(context, expected, `write {${nearest}}, or {{${name}}} for the text itself`);
  }
}

export function argv(known: readonly Placeholder[]) {
  const element = z.string().superRefine((text, context) => checkPlaceholders(text, known, context));
  return z
    .array(
      element,
      'expected a list of a program and its arguments; write each as an item of its own, such as `[./deploy.sh, staging]`',
    )
    .min(1)
    .superRefine(([program], context) => {
      if (program === '') refuse(context, 'a program', 'write its name or path', { path: [0] });
    });
}

const url = z.string().superRefine((text, context) => {
  checkPlaceholders(text, PLACEHOLDERS, context);
  const place = { version: 'v', service: 's', environment: 'e' };
  for (const slot of ['a', 'b'] as const) {
    const filled = fill(text, valuesOf({ slot, ...place }));
    if (isHealthUrl(filled)) continue;
    const fix =
      'start it with http:// or https://, and use {slot-number} (1 or 2) where a port differs by slot';
    refuse(context, `a URL without credentials, which "${filled}" in slot ${slot} is not`, fix);
    return;
  }
});

export function isHealthUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

export const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of letters, digits and _; rename the variable');

/** How a healthy answer is known, wherever it is asked. */
export const healthFields = {
  status: z.int().min(100).max(599).default(200).describe('The HTTP status of a healthy answer.'),
  'version-header': z
    .string()
    .regex(
      /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
      'expected the name of an HTTP header; write it without spaces and colons',
    )
    .optional()
    .describe('The header in which the answer names its version: `x-version`.'),
  'version-field': z
    .string()
    .min(1)
    .optional()
    .describe('The field of a JSON answer that names its version: `build.version` or `/build/version`.'),
  timeout: duration('2s').prefault('2s').describe('For one request.'),
  consecutive: z.int().min(1).max(100).default(2).describe('How many good answers in a row make it healthy.'),
  interval: duration('500ms').prefault('500ms').describe('Time between two requests.'),
  deadline: duration('60s').prefault('60s').describe('How long it may take until it is healthy.'),
  'max-latency': duration('300ms').optional().describe('An answer that takes longer is not a good one.'),
};

interface VersionPlaces {
  readonly 'version-header'?: string | undefined;
  readonly 'version-field'?: string | undefined;
}

export function checkVersionPlace(config: VersionPlaces, context: Context): void {
  const given = [config['version-header'], config['version-field']].filter((one) => one !== undefined);
  if (given.length === 1) return;
  const expected =
    'either version-header or version-field, so that the old version is never taken for the new one';
  if (given.length === 0) refuse(context, expected, 'add one of them', { seen: 'neither' });
  else refuse(context, expected, 'take one of them away', { seen: 'both' });
}

const health = z
  .strictObject({
    url: z
      .union([url, z.strictObject({ a: url, b: url })])
      .describe(
        'Asked with GET, redirects not followed: `https://booking-{slot}.internal/healthz`, or one URL for each slot as `{ a: …, b: … }`. Takes the placeholders of `start`.',
      ),
    ...healthFields,
  })
  .superRefine(checkVersionPlace)
  .describe('How to see that exactly this version answers in its slot.');

/** The program that empties a slot is not told a version: nobody knows for sure what runs there. */
const WHEN_STOPPING = PLACEHOLDERS.filter((one) => one !== 'version');

export const commandConfigSchema = z
  .strictObject({
    type: z.literal('command').describe('Runs your own programs to start and stop versions.'),
    start: argv(PLACEHOLDERS).describe(
      'Program and arguments that make {version} run in {slot}, in place of what runs there, and then end. No shell reads them. Placeholders: {slot} (a or b), {slot-number} (1 or 2), {version}, {service}, {environment}. A service that it leaves running must not hold its output.',
    ),
    stop: argv(WHEN_STOPPING)
      .optional()
      .describe('Program and arguments that take away what runs in {slot}; nothing there must be fine.'),
    env: z
      .record(envName, z.string())
      .default({})
      .describe(
        'Environment of the programs. PATH, HOME and DEPLOY_CANARY_* are always there, nothing else is.',
      ),
    'env-from': z
      .array(envName)
      .default([])
      .describe('Names of variables to hand on from the environment of this run, secrets for example.'),
    'working-directory': z.string().min(1).default('.').describe('Where the programs run.'),
    timeout: duration('5m')
      .prefault('5m')
      .describe('How long one program may run; then it is ended with all its children.'),
    health,
  })
  .describe('A target that runs your own programs.');

export type CommandConfig = z.output<typeof commandConfigSchema>;
