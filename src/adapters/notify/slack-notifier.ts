import { z } from 'zod';
import type { Result } from '../../core/result.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Notifier } from '../../ports/notifier.ts';
import { type Delivery, deliver, urlFromSecret } from './delivery.ts';
import { slackMessage } from './slack-message.ts';

const PROVIDER = 'slack';
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

export interface SlackPace {
  readonly timeout: Milliseconds;
  readonly pause: Milliseconds;
}

export interface SlackWebhookOptions extends SlackPace {
  readonly urlEnv: string;
}

export interface SlackChatOptions extends SlackPace {
  readonly tokenEnv: string;
  readonly channel: string;
  /** `https://slack.com/api`. */
  readonly api: string;
}

/** Posts each result to the channel of an incoming webhook. Its URL is the secret. */
export function slackWebhookNotifier(options: SlackWebhookOptions, context: AdapterContext): Notifier {
  const { urlEnv, timeout, pause } = options;
  const secret = secretOf(urlEnv, context);
  const place = `the Slack webhook of ${urlEnv}`;
  return {
    name: 'slack-webhook',
    notify: async (result, signal) => {
      const url = urlFromSecret(PROVIDER, secret, urlEnv);
      const judge: Delivery['judge'] = (status, text) => webhookAnswer(place, status, text);
      const body = bodyOf(result, {}, secret, context);
      const what = { provider: PROVIDER, place, url, headers: JSON_HEADERS, body, timeout, pause, judge };
      await deliver({ ...what, twice: false }, context.clock, signal);
    },
  };
}

/** Posts each result with `chat.postMessage`, by a bot's token that may `chat:write`. */
export function slackChatNotifier(options: SlackChatOptions, context: AdapterContext): Notifier {
  const { tokenEnv, channel, api, timeout, pause } = options;
  const token = secretOf(tokenEnv, context);
  const place = `chat.postMessage of Slack with ${tokenEnv}`;
  return {
    name: 'slack-chat',
    notify: async (result, signal) => {
      if (token === '') {
        const message = `expected a token of Slack in the variable ${tokenEnv}, saw nothing; set it from a secret`;
        throw failed('unauthorized', false, message);
      }
      const url = new URL(`${api.replace(/\/$/, '')}/chat.postMessage`);
      const headers = { ...JSON_HEADERS, authorization: `Bearer ${token}` };
      const body = bodyOf(result, { channel, unfurl_links: false, unfurl_media: false }, token, context);
      const what = { provider: PROVIDER, place, url, headers, body, timeout, pause };
      const judge: Delivery['judge'] = (status, text) => chatAnswer(place, channel, status, text);
      await deliver({ ...what, judge, twice: false }, context.clock, signal);
    },
  };
}

function secretOf(name: string, { env, mask }: AdapterContext): string {
  const secret = env[name]?.trim() ?? '';
  if (secret !== '') mask(secret);
  return secret;
}

/** The message; should the secret itself have come into its text by some error's words, it does not leave. */
function bodyOf(
  result: Result,
  more: Readonly<Record<string, unknown>>,
  secret: string,
  context: AdapterContext,
): string {
  return JSON.stringify({ ...more, ...slackMessage(result, linkOf(context)) }).replaceAll(secret, '***');
}

function linkOf({ env }: AdapterContext): string | null {
  const { GITHUB_SERVER_URL: server = '', GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: run = '' } = env;
  const link = `${server}/${repository}/actions/runs/${run}`;
  return /^https?:\/\/[A-Za-z0-9.:-]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+$/.test(link) ? link : null;
}

/** An incoming webhook answers with a status and, in plain text, a word for what is wrong. */
function webhookAnswer(place: string, status: number, text: string): AdapterError | null {
  if (status >= 200 && status < 300) return null;
  return wrong(place, status, wordOf(text), 'renew the webhook in the settings of its Slack app');
}

const answerSchema = z.object({ ok: z.boolean(), error: z.string().optional() });

/** The Web API answers 200 even when it refuses: only `ok: true` is a success. */
function chatAnswer(place: string, channel: string, status: number, text: string): AdapterError | null {
  const answer = answerSchema.safeParse(jsonOf(text)).data;
  if (status >= 200 && status < 300 && answer?.ok === true) return null;
  const word = answer === undefined ? '' : wordOf(answer.error ?? '');
  if (status === 200 && answer === undefined) {
    const message = `expected ${place} to answer with {"ok": true}, saw something else; check \`api\``;
    return failed('invalid-answer', false, message);
  }
  return wrong(place, status, word, `invite the bot to ${channel}, and give it chat:write`);
}

const PASSING =
  /^(rate_?limited|internal_error|fatal_error|service_unavailable|request_timeout|rollup_error)$/;
const NO_LEAVE =
  /^(invalid_auth|not_authed|account_inactive|token_(revoked|expired)|missing_scope|no_permission|invalid_token|action_prohibited)$/;

function wrong(place: string, status: number, word: string, fix: string): AdapterError {
  const said = word === '' ? '' : ` (${word})`;
  const told = `expected ${place} to take the message, saw ${status}${said}`;
  if (status === 429 || status >= 500 || PASSING.test(word)) {
    return failed('refused', true, `${told}; Slack has no time for it now`);
  }
  if (status === 401 || status === 403 || NO_LEAVE.test(word)) {
    return failed('unauthorized', false, `${told}; renew the secret, and see what it may do`);
  }
  return failed('refused', false, `${told}; ${fix}`);
}

/** Slack's words for errors are of this form; anything else stays out of the log. */
function wordOf(text: string): string {
  return /^[a-z_]{1,60}$/.exec(text.trim())?.[0] ?? '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(code: AdapterError['code'], retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}

const envName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'expected the name of an environment variable; put the value into a secret',
  );
const PACE: SlackPace = { timeout: 5_000, pause: 1_000 };

export const slackWebhookNotifierSchema = z
  .strictObject({
    type: z
      .literal('slack-webhook')
      .describe("Posts each result to the channel of one of Slack's incoming webhooks."),
    'url-env': envName.describe(
      'Name of the environment variable that holds the URL. The URL itself is a secret and never stands here.',
    ),
  })
  .describe('A notifier that tells a Slack channel.')
  .transform(
    ({ type, 'url-env': urlEnv }): Registered<Notifier> => ({
      type,
      create: (context) => slackWebhookNotifier({ urlEnv, ...PACE }, context),
    }),
  );

export const slackChatNotifierSchema = z
  .strictObject({
    type: z.literal('slack-chat').describe("Posts each result with Slack's `chat.postMessage`, as a bot."),
    'token-env': envName
      .describe("Name of the environment variable that holds the bot's token, which may `chat:write`.")
      .prefault('SLACK_BOT_TOKEN'),
    channel: z
      .string()
      .regex(/^(#?[^\s#<>&]{1,80})$/)
      .meta({ examples: ['C0123456789'] })
      .describe('Id of the channel, which outlives a change of its name; or the name.'),
    api: z
      .url({ protocol: /^https?$/ })
      .describe("Address of Slack's Web API; GovSlack has another.")
      .prefault('https://slack.com/api'),
  })
  .describe('A notifier that tells a Slack channel.')
  .transform(
    ({ type, 'token-env': tokenEnv, channel, api }): Registered<Notifier> => ({
      type,
      create: (context) => slackChatNotifier({ tokenEnv, channel, api, ...PACE }, context),
    }),
  );
