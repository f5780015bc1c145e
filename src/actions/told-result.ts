import { z } from 'zod';
import type { GateState } from '../core/report/gate-board.ts';

/** What every `result` output has, whichever action it is of. */
const told = z.object({
  schemaVersion: z.literal(1),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  message: z.string(),
});

export interface ToldResult {
  readonly state: GateState;
  readonly description: string;
}

export const STATES = { pass: 'success', fail: 'failure', inconclusive: 'error' } as const;

/** The `result` output of another action, as a gate is shown by it. */
export const resultJson = z.string().transform((text, context): ToldResult => {
  const parsed = told.safeParse(jsonOf(text));
  if (parsed.success) return { state: STATES[parsed.data.verdict], description: parsed.data.message };
  const where = parsed.error.issues.map(({ path }) => path.join('.') || 'JSON').join(', ');
  const message = `expected the \`result\` output of an action of deploy-canary, saw another text (${where}); pass \`steps.<id>.outputs.result\` as it is, or \`verdict\` and \`description\``;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
