import { z } from 'zod';

/** What Slack's documentation asks of the blocks that we send: https://docs.slack.dev/reference/block-kit/blocks. */

const plain = z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(150) });
const mrkdwn = (most: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(most).refine(isEscaped) });

const block = z.union([
  z.strictObject({ type: z.literal('header'), text: plain }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn(3_000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(mrkdwn(2_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn(3_000)).min(1).max(10) }),
]);

export const messageRules = z.strictObject({
  text: z.string().min(1).max(4_000).refine(isEscaped),
  blocks: z.array(block).min(1).max(50),
});

/** Every `&` begins an entity, and every `<` a link to a run: nothing foreign can mention or link. */
function isEscaped(text: string): boolean {
  const rest = text.replace(/<https?:\/\/[^<>|\s]+\|the run>/g, '').replace(/&(amp|lt|gt);/g, '');
  return !/[&<>]/.test(rest);
}
