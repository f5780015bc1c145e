import { z } from 'zod';

const TEAM = /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/;

export const team = z
  .string()
  .meta({ pattern: TEAM.source, examples: ['shine/release-managers'] })
  .refine((text) => TEAM.test(text), {
    params: { expected: 'a team such as shine/release-managers', fix: 'write organisation, slash, team' },
  })
  .optional();

export const people = z.array(z.string().min(1)).min(1).optional();

/** Logins are the same in any case. */
export function isNamed(logins: readonly string[], login: string): boolean {
  return logins.some((one) => one.toLowerCase() === login.toLowerCase());
}
