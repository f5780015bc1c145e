import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Slack, startSlack, TOKEN } from '../support/slack/slack.ts';
import { openTheatre, type Theatre, until } from '../support/theatre.ts';

let slack: Slack;
let theatre: Theatre;

beforeAll(async () => {
  slack = await startSlack();
  theatre = await openTheatre({
    notifications: `[{ type: slack-chat, channel: C0123456789, api: '${slack.api}' }]`,
    env: { SLACK_BOT_TOKEN: TOKEN },
  });
});

afterAll(async () => {
  await theatre.close();
  await slack.close();
});

/** Headlines since the last time. */
function headlines(): string[] {
  return slack.messages.splice(0).map(({ text }) => String(text).replace(/ \(booking.*/, ''));
}

async function lookAfter(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await theatre.play('reconcile/main');
}

/** The tests follow one another on one stage. */
describe('Slack, when an operator is killed', () => {
  it('hears of a rollout that nobody disturbed once', { timeout: 60_000 }, async () => {
    expect(headlines()).toEqual(['✓ Deployed v1 to production, the first version there']);
    const end = await theatre.play('canary/main', { version: 'v2' });
    await theatre.play('canary/post', {}, end.state);
    await lookAfter();
    expect(headlines()).toEqual(['✓ Promoted v2 to production']);
    expect(JSON.stringify(await theatre.ledger())).toContain('"told":["end"]');
  });

  it('hears once, from whoever brought it home, of a canary left in its bake', {
    timeout: 60_000,
  }, async () => {
    const base = (await theatre.ledger()).at(-1)?.revision ?? 0;
    const running = await theatre.run('canary/main', { version: 'v3' });
    const watch = theatre.atRevision(base + 4, () => void running.child.kill('SIGKILL'));
    const dead = await running.ended;
    watch.cancel();
    expect(dead.signal).toBe('SIGKILL');
    await theatre.play('canary/post', {}, dead.state);
    await lookAfter();
    expect(headlines()).toEqual(['✗ Rolled back']);
  });

  it('hears of an end whose operator died as he was about to tell it', { timeout: 60_000 }, async () => {
    slack.answerNext('hang');
    const asked = slack.calls();
    const running = await theatre.run('canary/main', { version: 'v4' });
    await until(async () => slack.calls() > asked, 'the message to be sent', 30_000);
    running.child.kill('SIGKILL');
    const dead = await running.ended;
    expect(headlines()).toEqual([]);
    await theatre.play('canary/post', {}, dead.state);
    await lookAfter();
    expect(headlines()).toEqual(['✓ Promoted v4 to production']);
  });
});
