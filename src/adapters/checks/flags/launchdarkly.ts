import { z } from 'zod';
import type { CheckContext } from '../../../ports/check.ts';
import { url } from '../asking.ts';
import { envName, secretOf } from '../frame.ts';
import { parseJson, placeOf, refuseUnauthorized, request, unreadable } from '../web.ts';
import type { FlagReader } from './source.ts';

export const launchDarkly = z
  .strictObject({
    type: z.literal('launchdarkly').describe('LaunchDarkly, by its REST API.'),
    url: url.prefault('https://app.launchdarkly.com').describe('Base URL; `/api/v2/flags/…` of it is asked.'),
    project: z.string().min(1).prefault('default').describe('Key of the project that the flags are in.'),
    environment: z
      .string()
      .min(1)
      .prefault('production')
      .describe('Key of the environment whose state counts.'),
    'token-env': envName.describe('Name of the variable with an access token that may read.'),
  })
  .describe('LaunchDarkly: whether targeting of a flag is on in an environment.');

const flag = z.object({
  archived: z.boolean().optional(),
  environments: z.record(z.string(), z.object({ on: z.boolean() })),
});

export function askLaunchDarkly(config: z.output<typeof launchDarkly>, context: CheckContext): FlagReader {
  const base = config.url.replace(/\/+$/, '');
  const headers = { authorization: secretOf(context, config['token-env']) };
  return async (name, signal) => {
    const key = `${encodeURIComponent(config.project)}/${encodeURIComponent(name)}`;
    const address = `${base}/api/v2/flags/${key}?env=${encodeURIComponent(config.environment)}`;
    const { status, body } = await request({ url: address, headers }, signal);
    refuseUnauthorized(placeOf(address), status);
    if (status === 404) return { kind: 'unknown' };
    const found = flag.safeParse(parseJson(body));
    if (status !== 200 || !found.success)
      throw unreadable(`expected a flag from ${placeOf(address)}, saw HTTP ${status}; check the URL`);
    if (found.data.archived === true) return { kind: 'unknown' };
    const { environments } = found.data;
    const here = Object.hasOwn(environments, config.environment)
      ? environments[config.environment]
      : undefined;
    if (here === undefined) return { kind: 'broken', why: `no environment ${config.environment}` };
    return { kind: 'value', value: here.on };
  };
}
