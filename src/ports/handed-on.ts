import type { AdapterContext } from './adapter-context.ts';

/** A shorter value is no secret, and masking it would tear every log apart. */
const SHORTEST_SECRET = 4;

type Surroundings = Pick<AdapterContext, 'env' | 'mask'>;

/** Keeps what the config lists in `env-from` out of every log. */
export function maskListed(names: readonly string[], { env, mask }: Surroundings): void {
  for (const name of names) {
    const value = env[name] ?? '';
    if (value.length >= SHORTEST_SECRET) mask(value);
  }
}

/**
 * What a program of the user gets of the job's environment: PATH, HOME and what the config lists in `env-from`, so that
 * a secret of the job is not inherited by accident. Throws what `missing` makes of it when a listed one is not set.
 */
export function handedOn(
  names: readonly string[],
  { env }: Pick<Surroundings, 'env'>,
  missing: (message: string) => Error,
): Record<string, string> {
  const handed: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', ...names]) {
    const value = env[name];
    if (value !== undefined) handed[name] = value;
    else if (names.includes(name)) {
      throw missing(`expected the variable ${name} that env-from lists, saw none; set it in the job's env`);
    }
  }
  return handed;
}
