import { z } from 'zod';
import type { Answer } from '../../core/checks/answer.ts';
import { httpFlaws } from '../../core/checks/http.ts';
import { decideIntegrations, type Integration } from '../../core/checks/integrations.ts';
import { type Component, statusPageFlaws } from '../../core/checks/status-page.ts';
import { messageOf } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import { asking, expectationOf, url } from './asking.ts';
import { frame, registered } from './frame.ts';
import { askOver } from './http.ts';
import { parseJson, request, unreadable } from './web.ts';

const name = z.string().min(1).max(80).describe('What it is called: `Stripe`, `MongoDB Atlas`.');

const answering = z
  .strictObject({ type: z.literal('http').describe('Asks the third party itself.'), name, ...asking })
  .describe('A third party that must answer as it should.');

const page = z
  .strictObject({
    type: z.literal('status-page').describe('Asks its status page.'),
    name,
    url: url.describe(
      'Address of a status page that Statuspage makes: `https://www.stripestatus.com`, `https://status.mongodb.com`. `/api/v2/components.json` of it is read.',
    ),
    components: z
      .array(z.string().min(1))
      .prefault([])
      .describe('Components or groups that must be operational, by name. All of them, when left out.'),
  })
  .describe('The status page of a third party, whose components must be operational.');

type Service = z.output<typeof answering> | z.output<typeof page>;

export const integrationsCheckSchema = z
  .strictObject({
    check: z.literal('integrations').describe('Third parties are there.'),
    ...frame({ title: 'Third-party integrations', timeout: '30s' }),
    services: z
      .array(z.discriminatedUnion('type', [answering, page]))
      .min(1)
      .max(50)
      .describe('Who is asked.'),
  })
  .describe('Third parties answer, and their status pages say that they are operational.')
  .transform((config) =>
    registered(config, async (context, _subject, signal): Promise<Answer> => {
      const asked = config.services.map((service) => lookAt(service, context, signal));
      return decideIntegrations(await Promise.all(asked));
    }),
  );

/** Silence of one must not hide what is wrong with the others. */
async function lookAt(service: Service, context: CheckContext, signal: AbortSignal): Promise<Integration> {
  const { name: called, url: place } = service;
  try {
    const flaws =
      service.type === 'http'
        ? httpFlaws(await askOver(service, context, signal), expectationOf(service))
        : statusPageFlaws(await componentsOf(service.url, signal), service.components);
    return { name: called, url: place, flaws, silence: null };
  } catch (error) {
    if (signal.aborted) throw error;
    return { name: called, url: place, flaws: [], silence: messageOf(error).replace('preflight: ', '') };
  }
}

const summary = z.object({
  components: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      status: z.string(),
      group_id: z.string().nullish(),
      group: z.boolean().nullish(),
    }),
  ),
});

async function componentsOf(page: string, signal: AbortSignal): Promise<Component[]> {
  const address = new URL(page);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v2/components.json`;
  const { status, body } = await request({ url: address.href }, signal);
  const parsed = summary.safeParse(parseJson(body));
  if (status !== 200 || !parsed.success) {
    const seen = status === 200 ? 'something else' : `HTTP ${status}`;
    throw unreadable(
      `expected the components of a Statuspage at ${address.href}, saw ${seen}; check the address`,
    );
  }
  const { components } = parsed.data;
  return components
    .filter(({ group }) => group !== true)
    .map(({ name: called, status: state, group_id: within }) => ({
      name: called,
      status: state,
      group: components.find(({ id }) => id === within)?.name ?? null,
    }));
}
