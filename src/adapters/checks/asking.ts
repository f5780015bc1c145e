import { z } from 'zod';
import type { Assertion, HttpExpectation } from '../../core/checks/http.ts';
import { refuse, span } from './frame.ts';

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const url = z
  .string()
  .meta({ examples: ['https://api.example.com/health'] })
  .superRefine((text, context) => {
    if (isWebUrl(text)) return;
    refuse(
      context,
      'an http or https URL without credentials',
      'write it like `https://api.example.com/health`',
    );
  });

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

export const assertion = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe('Where in the JSON answer: `status.indicator`, or the JSON pointer `/status/indicator`.'),
    equals: plain.optional().describe('The value itself.'),
    'one-of': z.array(plain).min(1).optional().describe('One of several values.'),
    matches: z
      .string()
      .optional()
      .superRefine((text, context) => {
        if (text !== undefined && toPattern(text) === null)
          refuse(context, 'a regular expression', 'correct it, or use `equals`');
      })
      .describe('A regular expression for a text.'),
    min: z.number().optional().describe('The smallest number that is right.'),
    max: z.number().optional().describe('The largest number that is right.'),
  })
  .describe('What must hold for one value of a JSON answer. A value that is not there is never right.');

type WrittenAssertion = z.output<typeof assertion>;

/** The keys of a request and of what its answer must be. */
export const asking = {
  url: url.describe('What is asked. Redirects are not followed.'),
  method: z.enum(['GET', 'HEAD', 'POST']).prefault('GET').describe('The HTTP method.'),
  headers: z.record(z.string(), z.string()).prefault({}).describe('Headers of the request. No secrets here.'),
  'headers-env': z
    .record(z.string(), z.string())
    .prefault({})
    .describe('Headers whose value is a secret: each names the environment variable that holds it.'),
  body: z.string().optional().describe('Body of the request, for POST.'),
  status: z
    .union([
      z
        .int()
        .min(100)
        .max(599)
        .transform((one) => [one]),
      z.array(z.int().min(100).max(599)).min(1),
    ])
    .prefault(200)
    .describe('The HTTP status of a good answer, or several.'),
  'max-latency': span('500ms').optional().describe('An answer that takes longer is not a good one.'),
  assert: z.array(assertion).max(50).prefault([]).describe('What must hold for a JSON answer.'),
};

interface Written {
  readonly status: readonly number[];
  readonly 'max-latency'?: number | undefined;
  readonly assert: readonly WrittenAssertion[];
}

export function expectationOf({ status, 'max-latency': maxLatency, assert }: Written): HttpExpectation {
  return { statuses: status, maxLatency: maxLatency ?? null, assertions: assert.map(toAssertion) };
}

export function toAssertion({
  path,
  equals,
  'one-of': oneOf,
  matches,
  min,
  max,
}: WrittenAssertion): Assertion {
  const pattern = matches === undefined ? undefined : (toPattern(matches) ?? undefined);
  return { path, equals, oneOf, matches: pattern, min, max };
}

function toPattern(text: string): RegExp | null {
  try {
    return new RegExp(text);
  } catch {
    return null;
  }
}
