import { z } from 'zod';
import type { EpochMs } from '../core/units.ts';
import type { RegisteredCheck } from '../ports/check.ts';
import { KEBAB_PATTERN, NAME_PATTERN, name, reason } from './fields.ts';
import { flawed } from './telling.ts';

/** A schema with a literal `check`, whose output puts the question. */
export type CheckSchema = z.ZodType<RegisteredCheck> & z.core.$ZodTypeDiscriminable;
export type CheckSchemas = readonly [CheckSchema, ...CheckSchema[]];

export function checklistsShape(checks: CheckSchemas) {
  const list = z.array(z.discriminatedUnion('check', checks)).min(1).max(50);
  return z
    .record(name('a checklist name', 'production', NAME_PATTERN), list)
    .describe('What must be green before a change goes on, by name: `staging`, `production`, or your own.');
}

const DAY = 86_400_000;
const EXPIRY = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/;

/** The last day on which something holds, in UTC, or an instant. */
export const expiry = z
  .string()
  .meta({ pattern: EXPIRY.source, examples: ['2026-12-01'] })
  .transform((text, context): EpochMs => {
    const at = EXPIRY.test(text) ? Date.parse(text) : Number.NaN;
    // Some dates that do not exist are read as the days after.
    const exists =
      Number.isFinite(at) &&
      new Date(Date.parse(text.slice(0, 10))).toISOString().startsWith(text.slice(0, 10));
    if (exists) return text.length === 10 ? at + DAY : at;
    context.addIssue(
      flawed({ expected: 'a date such as 2026-12-01', fix: 'write year-month-day, or a time with its zone' }),
    );
    return z.NEVER;
  });

export const waiversShape = z
  .array(
    z.strictObject({
      checklist: z
        .string()
        .meta({ examples: ['production'] })
        .optional()
        .describe('The checklist that it is meant for. Every one when left out.'),
      check: name('the id of a check', 'review', KEBAB_PATTERN).describe('Id of the check that is waived.'),
      person: z.string().min(2).max(100).describe('Who takes the responsibility.'),
      reason,
      expires: expiry.describe(
        'The last day on which it holds, in UTC, or a time with its zone. After it the check fails and says so.',
      ),
    }),
  )
  .max(100)
  .prefault([])
  .describe(
    'Checks that may be red for a while, each with a name, a reason and an end. They are shown as waived.',
  );
