import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  slackChatNotifier,
  slackChatNotifierSchema,
  slackWebhookNotifier,
  slackWebhookNotifierSchema,
} from '../../../src/adapters/notify/slack-notifier.ts';
import { AdapterError } from '../../../src/ports/adapter-error.ts';
import type { Notifier } from '../../../src/ports/notifier.ts';
import { adapterContext } from '../../support/adapter-context.ts';
import { type Slack, startSlack, TOKEN, type Whim } from '../../support/slack/slack.ts';
import { ABORTED } from './results.ts';

const { signal } = new AbortController();
let slack: Slack;
beforeEach(async () => {
  slack = await startSlack();
});
afterEach(() => slack.close());

const PACE = { timeout: 10_000, pause: 10 };
const RUN = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'shine/booking',
  GITHUB_RUN_ID: '17',
};

const KINDS = ['webhook', 'chat'] as const;
type Kind = (typeof KINDS)[number];

function notifier(
  kind: Kind,
  secret?: string,
  channel = 'C0123456789',
  masked: string[] = [],
  pace = PACE,
): Notifier {
  const value = secret ?? (kind === 'webhook' ? slack.webhook : TOKEN);
  const context = adapterContext({ env: { SECRET: value, ...RUN }, mask: (one) => void masked.push(one) });
  return kind === 'webhook'
    ? slackWebhookNotifier({ urlEnv: 'SECRET', ...pace }, context)
    : slackChatNotifier({ tokenEnv: 'SECRET', channel, api: slack.api, ...pace }, context);
}

async function failureOf(work: Promise<void>): Promise<AdapterError> {
  const error = await work.catch((rejected: unknown) => rejected);
  if (!(error instanceof AdapterError)) throw new Error(`expected an AdapterError, got ${String(error)}`);
  const all = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  expect(all).not.toContain('s3cr3t');
  expect(all).not.toContain(TOKEN);
  return error;
}

describe.each(KINDS)('telling Slack by %s', (kind) => {
  it('posts one message that Slack takes, with a link to the run', async () => {
    await notifier(kind).notify(ABORTED, signal);
    expect(slack.messages).toHaveLength(1);
    expect(JSON.stringify(slack.messages)).toContain(
      '<https://github.com/shine/booking/actions/runs/17|the run>',
    );
    expect(JSON.stringify(slack.messages)).toContain('P95 812 ms');
  });

  it('waits as long as Slack asks when it is too fast, and then posts once', async () => {
    slack.answerNext({
      status: 429,
      retryAfter: 1,
      body: kind === 'chat' ? '{"ok":false,"error":"ratelimited"}' : '',
    });
    const began = performance.now();
    await notifier(kind).notify(ABORTED, signal);
    expect(performance.now() - began).toBeGreaterThan(950);
    expect(slack.messages).toHaveLength(1);
  });

  it('does not wait for minutes', async () => {
    slack.answerNext({ status: 429, retryAfter: 120 });
    expect(await failureOf(notifier(kind).notify(ABORTED, signal))).toMatchObject({ retryable: true });
    expect(slack.calls()).toBe(1);
  });

  it.each<[Whim, number]>([
    [{ status: 503 }, 2],
    [{ status: 500, body: 'rollup_error' }, 2],
    ['hang', 1],
    ['cut', 1],
  ])('after %j it has asked %d times: what may have arrived is not sent twice', async (whim, times) => {
    slack.answerNext(whim, whim);
    const pace = whim === 'hang' ? { timeout: 300, pause: 10 } : PACE;
    const sent = notifier(kind, undefined, undefined, [], pace);
    expect(await failureOf(sent.notify(ABORTED, signal))).toMatchObject({ retryable: true });
    expect(slack.calls()).toBe(times);
    expect(slack.messages).toHaveLength(0);
  });

  it('masks its secret, and lets it not leave in the words of an error', async () => {
    const masked: string[] = [];
    const secret = kind === 'webhook' ? slack.webhook : TOKEN;
    await notifier(kind, secret, 'C0123456789', masked).notify(
      { ...ABORTED, message: `could not reach ${secret}`, warnings: [secret] },
      signal,
    );
    expect(masked).toEqual([secret]);
    expect(JSON.stringify(slack.messages)).not.toContain(secret);
    expect(JSON.stringify(slack.messages)).toContain('***');
  });

  it('says what is missing when its secret is', async () => {
    const failure = await failureOf(notifier(kind, '').notify(ABORTED, signal));
    expect(failure.message).toContain('SECRET');
    expect(failure.retryable).toBe(false);
  });
});

describe('what Slack refuses', () => {
  it('is a failure although the Web API answers 200', async () => {
    expect(await failureOf(notifier('chat', 'xoxb-wrong').notify(ABORTED, signal))).toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('saw 200 (invalid_auth); renew the secret'),
    });
    expect(await failureOf(notifier('chat', TOKEN, 'C999').notify(ABORTED, signal))).toMatchObject({
      code: 'refused',
      retryable: false,
      message: expect.stringContaining('(channel_not_found); invite the bot to C999'),
    });
    expect(slack.messages).toHaveLength(0);
    expect(slack.calls()).toBe(2);
  });

  it.each([
    ['ratelimited', 'refused', 2],
    ['internal_error', 'refused', 2],
    ['token_revoked', 'unauthorized', 1],
    ['missing_scope', 'unauthorized', 1],
    ['is_archived', 'refused', 1],
    ['msg_too_long', 'refused', 1],
  ])('%s is told as %s after %d calls', async (error, code, times) => {
    const body = JSON.stringify({ ok: false, error });
    slack.answerNext({ status: 200, body }, { status: 200, body });
    expect(await failureOf(notifier('chat').notify(ABORTED, signal))).toMatchObject({ code });
    expect(slack.calls()).toBe(times);
  });

  it.each(['<html>hello</html>', '{}', '', '{"ok":"true"}'])('takes %j for no success', async (body) => {
    slack.answerNext({ status: 200, body });
    expect(await failureOf(notifier('chat').notify(ABORTED, signal))).toMatchObject({
      code: 'invalid-answer',
    });
  });

  it.each([
    [403, 'action_prohibited', 'unauthorized'],
    [404, 'no_service', 'refused'],
    [410, 'channel_is_archived', 'refused'],
    [302, '', 'refused'],
  ] as const)('of a webhook is told with its word: %d %s', async (status, body, code) => {
    slack.answerNext({ status, body });
    const failure = await failureOf(notifier('webhook').notify(ABORTED, signal));
    expect(failure).toMatchObject({ code, retryable: false });
    expect(failure.message).toContain(body === '' ? `saw ${status}` : `saw ${status} (${body})`);
  });
});

describe('the secrets of Slack', () => {
  it.each([
    { type: 'slack-webhook', 'url-env': 'https://hooks.slack.com/services/T/B/x' },
    { type: 'slack-webhook' },
    { type: 'slack-chat', channel: 'C1', token: TOKEN },
    { type: 'slack-chat', channel: 'C1', 'token-env': TOKEN },
    { type: 'slack-chat' },
    { type: 'slack-chat', channel: '<!channel>' },
  ])('never stand in the configuration: %j', (config) => {
    const schema = config.type === 'slack-chat' ? slackChatNotifierSchema : slackWebhookNotifierSchema;
    expect(schema.safeParse(config).success).toBe(false);
  });

  it('are named by it', () => {
    expect(slackChatNotifierSchema.safeParse({ type: 'slack-chat', channel: '#deploys' }).success).toBe(true);
    expect(slackWebhookNotifierSchema.safeParse({ type: 'slack-webhook', 'url-env': 'HOOK' }).success).toBe(
      true,
    );
  });
});
