import { z } from 'zod';

/** What the admin API of the embedded router says and understands; the server and its client share it. */

const SUM_TOLERANCE = 1e-6;
const DAY = 86_400_000;

const percentSchema = z.number().min(0).max(100);
const holderSchema = z.string().min(1).max(200);
const ttlSchema = z.number().positive().max(DAY);
const tokenSchema = z.int().min(0);

export const slotSchema = z.enum(['a', 'b']);

export const sharesSchema = z
  .strictObject({ a: percentSchema, b: percentSchema })
  .refine(({ a, b }) => Math.abs(a + b - 100) < SUM_TOLERANCE, {
    error: ({ input }) => `the shares of a and b must add up to 100, got ${JSON.stringify(input)}`,
  });

export const leaseSchema = z.strictObject({ holder: holderSchema, ttl: ttlSchema, fallback: slotSchema });

/** `PUT /v1/traffic` */
export const shiftSchema = z.strictObject({
  shares: sharesSchema,
  lease: leaseSchema.nullable(),
  token: tokenSchema,
});

/** `POST /v1/lease` */
export const renewalSchema = z.strictObject({ holder: holderSchema, ttl: ttlSchema });

/** What every successful call answers. */
export const readingSchema = z.object({
  shares: sharesSchema,
  lease: z.object({ holder: holderSchema, fallback: slotSchema, expiresAt: z.number() }).nullable(),
  lapsed: z.string().nullable(),
  token: tokenSchema,
});

export type WireReading = z.infer<typeof readingSchema>;

/** What every refused call answers. */
export const failureSchema = z.object({ error: z.string(), code: z.string() });

export type FailureCode =
  | 'unauthorized'
  | 'fenced'
  | 'invalid-request'
  | 'not-found'
  | 'method-not-allowed'
  | 'too-large'
  | 'io';
