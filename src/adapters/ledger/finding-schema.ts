import { z } from 'zod';
import { FINDING_CODES } from '../../core/checks/code.ts';
import type { Finding } from '../../core/checks/finding.ts';
import { REASON_CODES, type Reason } from '../../core/rollout/reason.ts';

export const reason = z.strictObject({
  code: z.enum(REASON_CODES),
  message: z.string(),
  kpi: z.string().exactOptional(),
}) satisfies z.ZodType<Reason>;

export const finding = z.strictObject({
  check: z.string(),
  title: z.string(),
  status: z.enum(['pass', 'fail', 'warn', 'no-data', 'error', 'skipped', 'waived']),
  observed: z.string(),
  expected: z.string(),
  detail: z.string().exactOptional(),
  code: z.enum(FINDING_CODES).exactOptional(),
  fix: z.string().exactOptional(),
  evidence: z
    .array(z.strictObject({ label: z.string(), url: z.string().exactOptional() }))
    .readonly()
    .exactOptional(),
  durationMs: z.number().nonnegative().exactOptional(),
}) satisfies z.ZodType<Finding>;
