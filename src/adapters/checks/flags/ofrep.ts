import { z } from 'zod';
import type { FlagState } from '../../../core/checks/flags.ts';
import type { CheckContext } from '../../../ports/check.ts';
import { url } from '../asking.ts';
import { envName, secretOf } from '../frame.ts';
import { parseJson, placeOf, refuseUnauthorized, request, unreadable } from '../web.ts';
import type { FlagReader } from './source.ts';

export const ofrep = z
  .strictObject({
    type: z
      .literal('ofrep')
      .describe('Any flag system that speaks the OpenFeature Remote Evaluation Protocol.'),
    url: url.describe('Base URL; `/ofrep/v1/evaluate/flags/{flag}` of it is asked.'),
    'token-env': envName.optional().describe('Name of the variable with the bearer token.'),
    'api-key-env': envName.optional().describe('Name of the variable with the API key, sent as `X-API-Key`.'),
    context: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .prefault({ targetingKey: 'deploy-canary' })
      .describe('The evaluation context, with its `targetingKey`.'),
  })
  .describe('OpenFeature OFREP over HTTP.');

const success = z.object({ key: z.string(), value: z.unknown().optional(), variant: z.string().optional() });
const failure = z.object({ errorCode: z.string(), errorDetails: z.string().optional() });

/** https://github.com/open-feature/protocol, service/openapi.yaml */
export function askOfrep(config: z.output<typeof ofrep>, context: CheckContext): FlagReader {
  const base = config.url.replace(/\/+$/, '');
  const { 'token-env': token, 'api-key-env': key } = config;
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${secretOf(context, token)}` }),
    ...(key === undefined ? {} : { 'x-api-key': secretOf(context, key) }),
  };
  const body = JSON.stringify({ context: config.context });
  return async (name, signal) => {
    const address = `${base}/ofrep/v1/evaluate/flags/${encodeURIComponent(name)}`;
    const answer = await request({ url: address, method: 'POST', headers, body }, signal);
    return stateIn(answer.status, parseJson(answer.body), placeOf(address));
  };
}

function stateIn(status: number, json: unknown, place: string): FlagState {
  refuseUnauthorized(place, status);
  const told = failure.safeParse(json);
  if (status === 404) return { kind: 'unknown' };
  if (status === 400 && told.success) {
    const { errorCode, errorDetails } = told.data;
    const why = errorDetails === undefined ? errorCode : `${errorCode}: ${errorDetails}`;
    return errorCode === 'FLAG_NOT_FOUND' ? { kind: 'unknown' } : { kind: 'broken', why };
  }
  const found = success.safeParse(json);
  if (status !== 200 || !found.success)
    throw unreadable(`expected an OFREP evaluation from ${place}, saw HTTP ${status}; check the URL`);
  const { value, variant } = found.data;
  // Without a value the code's own default would be used, and nobody here knows it.
  if (value === undefined)
    return { kind: 'broken', why: 'no value, so that the default in the code would be used' };
  return { kind: 'value', value, ...(variant === undefined ? {} : { variant }) };
}
