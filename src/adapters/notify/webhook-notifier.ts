import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Result } from '../../core/result.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Notifier } from '../../ports/notifier.ts';
import { cdEventOf } from './cdevents.ts';
import { deliver, urlFromSecret } from './delivery.ts';

const PROVIDER = 'webhook';

export interface WebhookOptions {
  /** Name of the environment variable that holds the URL. */
  readonly urlEnv: string;
  /** For one attempt. */
  readonly timeout: Milliseconds;
  /** Before the one retry. */
  readonly pause: Milliseconds;
  /** What is in the CloudEvent: the result, or a CDEvent with the result in it. */
  readonly format?: WebhookFormat;
}

export type WebhookFormat =
  | { readonly kind: 'cloudevents' }
  /** `artifact` is a package URL with `{service}` and `{version}`. */
  | { readonly kind: 'cdevents'; readonly artifact: string };

/**
 * POSTs each result as a CloudEvents 1.0 event in structured JSON mode, that has the result or a CDEvent in it. The same end of the same rollout is the same
 * event, whoever tells it: a receiver can drop what it knows. The URL is a secret: it is masked, and no error shows it.
 */
export function webhookNotifier(options: WebhookOptions, context: AdapterContext): Notifier {
  const { urlEnv, timeout, pause, format = { kind: 'cloudevents' } } = options;
  const secret = context.env[urlEnv] ?? '';
  if (secret !== '') context.mask(secret);
  const place = `the webhook of ${urlEnv}`;
  return {
    name: PROVIDER,
    notify: async (result, signal) => {
      const url = urlFromSecret(PROVIDER, secret, urlEnv);
      const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
      const body = JSON.stringify(eventOf(result, format, context));
      const judge = (status: number): AdapterError | null => rejected(place, status);
      await deliver(
        { provider: PROVIDER, place, url, headers, body, timeout, pause, twice: true, judge },
        context.clock,
        signal,
      );
    },
  };
}

/** `source` and `id` together name the event, as CloudEvents asks. */
function eventOf(result: Result, format: WebhookFormat, { clock }: AdapterContext): Record<string, unknown> {
  const source = `/${['deploy-canary', result.environment, result.service].map(encodeURIComponent).join('/')}`;
  const id = idOf(result);
  const common = { specversion: '1.0', id, source, datacontenttype: 'application/json' };
  if (format.kind === 'cdevents') {
    const { artifact } = format;
    const data = cdEventOf(result, { id, source, artifact, now: clock.now() });
    const { type, timestamp } = data.context;
    return { ...common, type, subject: data.subject.id, time: timestamp, data };
  }
  return {
    ...common,
    type: `dev.shine.deploy-canary.${result.operation}.${result.state}`,
    ...(result.rolloutId === null ? {} : { subject: result.rolloutId }),
    time: new Date(clock.now()).toISOString(),
    data: result,
  };
}

function idOf({ rolloutId, state, reasonCode, endedAt }: Result): string {
  if (rolloutId === null) return randomUUID();
  const digest = createHash('sha256').update(JSON.stringify([rolloutId, state, reasonCode, endedAt]));
  return digest.digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/** Null for an answer with 2xx. */
function rejected(place: string, status: number): AdapterError | null {
  if (status >= 200 && status < 300) return null;
  const failed = (code: AdapterError['code'], retryable: boolean, fix: string): AdapterError =>
    new AdapterError(PROVIDER, code, `expected ${place} to answer with 2xx, saw ${status}; ${fix}`, {
      retryable,
    });
  if (status === 401 || status === 403) return failed('unauthorized', false, 'renew its URL');
  if (status === 429 || status >= 500) return failed('refused', true, 'check the receiving service');
  return failed('refused', false, 'check that the URL is that of a receiver for CloudEvents');
}

export const webhookNotifierSchema = z
  .strictObject({
    type: z.literal('webhook').describe('POSTs each result as a CloudEvents 1.0 JSON event.'),
    'url-env': z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]*$/,
        'expected the name of an environment variable; put the URL into a secret',
      )
      .describe(
        'Name of the environment variable that holds the URL. The URL itself is a secret and never stands here.',
      ),
    format: z
      .enum(['cloudevents', 'cdevents'])
      .prefault('cloudevents')
      .describe(
        'What the event holds: the result as it is, or a CDEvent of the Continuous Delivery Foundation.',
      ),
    artifact: z
      .string()
      .regex(/^pkg:[a-z][a-z0-9.+-]*\/\S*\{version\}\S*$/, 'expected a package URL with {version} in it')
      .meta({ examples: ['pkg:oci/booking@{version}'] })
      .optional()
      .describe(
        'The package URL of a version, for `format: cdevents`. Without it `pkg:generic/{service}@{version}`.',
      ),
  })
  .refine(({ format, artifact }) => format === 'cdevents' || artifact === undefined, {
    path: ['artifact'],
    message: 'expected artifact with format: cdevents alone; add that, or remove it',
  })
  .describe('A notifier that tells another service.')
  .transform(
    (config): Registered<Notifier> => ({
      type: config.type,
      create: (context) =>
        webhookNotifier(
          { urlEnv: config['url-env'], timeout: 5_000, pause: 1_000, format: formatOf(config) },
          context,
        ),
    }),
  );

function formatOf({
  format,
  artifact = 'pkg:generic/{service}@{version}',
}: {
  readonly format: WebhookFormat['kind'];
  readonly artifact?: string | undefined;
}): WebhookFormat {
  return format === 'cdevents' ? { kind: format, artifact } : { kind: format };
}
