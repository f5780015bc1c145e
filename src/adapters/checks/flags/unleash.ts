import { z } from 'zod';
import type { CheckContext } from '../../../ports/check.ts';
import { url } from '../asking.ts';
import { envName, secretOf } from '../frame.ts';
import { parseJson, placeOf, refuseUnauthorized, request, unreadable } from '../web.ts';
import type { FlagReader } from './source.ts';

export const unleash = z
  .strictObject({
    type: z.literal('unleash').describe('An Unleash server, by its Admin API.'),
    url: url.describe('Base URL of the server; `/api/admin/…` of it is asked.'),
    project: z.string().min(1).prefault('default').describe('The project that the flags are in.'),
    environment: z.string().min(1).prefault('production').describe('The environment whose state counts.'),
    'token-env': envName.describe('Name of the variable with a token that may read the project.'),
  })
  .describe('Unleash: whether a flag is enabled in an environment.');

const feature = z.object({
  archived: z.boolean().optional(),
  environments: z.array(z.object({ name: z.string(), enabled: z.boolean() })),
});

export function askUnleash(config: z.output<typeof unleash>, context: CheckContext): FlagReader {
  const base = config.url.replace(/\/+$/, '');
  const headers = { authorization: secretOf(context, config['token-env']) };
  return async (name, signal) => {
    const project = encodeURIComponent(config.project);
    const address = `${base}/api/admin/projects/${project}/features/${encodeURIComponent(name)}`;
    const { status, body } = await request({ url: address, headers }, signal);
    refuseUnauthorized(placeOf(address), status);
    if (status === 404) return { kind: 'unknown' };
    const found = feature.safeParse(parseJson(body));
    if (status !== 200 || !found.success)
      throw unreadable(`expected a flag from ${placeOf(address)}, saw HTTP ${status}; check the URL`);
    if (found.data.archived === true) return { kind: 'unknown' };
    const here = found.data.environments.find((one) => one.name === config.environment);
    if (here === undefined) return { kind: 'broken', why: `no environment ${config.environment}` };
    return { kind: 'value', value: here.enabled };
  };
}
