import { z } from 'zod';
import { decideHttp, type HttpFacts } from '../../core/checks/http.ts';
import type { CheckContext } from '../../ports/check.ts';
import { asking, expectationOf } from './asking.ts';
import { frame, registered, secretOf } from './frame.ts';
import { parseJson, placeOf, request, type WebRequest } from './web.ts';

interface Asking {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly 'headers-env': Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export async function askOver(
  config: Asking,
  context: CheckContext,
  signal: AbortSignal,
): Promise<HttpFacts> {
  const { status, body, took } = await request(requestOf(config, context), signal);
  return { url: placeOf(config.url), status, took, json: parseJson(body) };
}

function requestOf({ url, method, headers, body, ...config }: Asking, context: CheckContext): WebRequest {
  const secret = Object.entries(config['headers-env']).map(([name, variable]) => [
    name,
    secretOf(context, variable),
  ]);
  const all = { ...headers, ...Object.fromEntries(secret) };
  return { url, method, headers: all, ...(body === undefined ? {} : { body }) };
}

export const httpCheckSchema = z
  .strictObject({
    check: z.literal('http').describe('Something answers over HTTP as it should.'),
    ...frame({ title: 'HTTP check', timeout: '10s' }),
    ...asking,
  })
  .describe('Asks a URL and holds the answer against what is expected.')
  .transform((config) =>
    registered(config, async (context, _subject, signal) =>
      decideHttp(await askOver(config, context, signal), expectationOf(config)),
    ),
  );
