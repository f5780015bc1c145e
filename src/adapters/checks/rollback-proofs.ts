import { z } from 'zod';
import type { Proof } from '../../core/checks/rollback-plan.ts';
import { type EpochMs, formatDuration } from '../../core/units.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import { envName, span } from './frame.ts';

export const permissions = z
  .enum(['prove', 'off'])
  .prefault('prove')
  .describe(
    'Prove that the token of this job may write to GitHub what a rollback of this environment writes there. `off` where another job rolls back, with a token of its own.',
  );

const expiry = z
  .strictObject({
    'expires-env': envName.describe(
      'Variable that says when the credentials end: a time such as 2026-11-27T18:00:00Z, or seconds since 1970.',
    ),
    'at-least': span('2h').describe('How long they must hold from now on: the rollout and a way back.'),
  })
  .describe('Credentials of a cloud end while a rollout still runs.');

export const credentials = z
  .array(expiry)
  .max(10)
  .prefault([])
  .describe('Credentials that a rollback needs, and how long they must still hold.');

const PERMISSION_FIX =
  'give this job the permissions of the job that rolls back, or write `permissions: off` if that is another one';

/** What is written for a rollback is written now, where that leaves nothing behind. */
export async function permissionProofs(context: CheckContext): Promise<Proof[]> {
  const wanted = context.writes ?? [];
  if (wanted.length === 0) return [];
  const facts = context.facts();
  return Promise.all(
    wanted.map(async (key): Promise<Proof> => {
      const proof = await facts.mayWrite(key);
      const what = `\`${key}: write\``;
      switch (proof.kind) {
        case 'written':
          return { what, holds: true, seen: `${key} can be written` };
        case 'let-through':
          return { what, holds: true, seen: `${key} not refused` };
        case 'refused':
          return { what, holds: false, seen: proof.why, fix: PERMISSION_FIX };
      }
    }),
  );
}

export function credentialProofs(
  wanted: z.output<typeof credentials>,
  { env }: CheckContext,
  now: EpochMs,
): Proof[] {
  return wanted.map(({ 'expires-env': name, 'at-least': least }): Proof => {
    const left = endIn(env[name] ?? '', name) - now;
    const seen =
      left > 0
        ? `credentials of ${name} end in ${formatDuration(Math.floor(left / 1_000) * 1_000)}`
        : `credentials of ${name} have ended`;
    const fix = 'let the credentials live longer, or log in anew right before the rollout';
    return { what: `credentials for ${formatDuration(least)}`, holds: left >= least, seen, fix };
  });
}

function endIn(text: string, name: string): EpochMs {
  const at = /^\d{9,11}$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text);
  if (Number.isFinite(at)) return at;
  const seen = text === '' ? 'nothing' : 'something else';
  const message = `expected a time in the variable ${name}, saw ${seen}; set it from the step that logs in`;
  throw new AdapterError('preflight', 'refused', message, { retryable: false });
}
