import fc from 'fast-check';
import type { Fault } from './world.ts';

/** Who can take part. A signal handler is no process of its own: for the use cases themselves it is a `cancel`. */
export type Role = 'rollout' | 'handler' | 'post' | 'reconcile' | 'rollback';
export type AppRole = Exclude<Role, 'handler'>;

/** One move of the scheduler. `luck` decides everything that the world could do either way; 0 is friendly. */
export type Move<R = Role> =
  | { readonly do: 'begin'; readonly role: R; readonly luck: number }
  | { readonly do: 'run'; readonly who: number; readonly steps: number; readonly luck: number }
  | { readonly do: 'kill'; readonly who: number }
  | { readonly do: 'cancel'; readonly who: number }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'break'; readonly part: 'router' | 'ledger'; readonly fault: Fault };

/** What has happened before the writers meet: versions promoted, and how far one more rollout has come. */
export interface Opening {
  readonly promoted: number;
  readonly steps: number;
}

export const opening: fc.Arbitrary<Opening> = fc.record({
  promoted: fc.constantFrom(1, 1, 2, 2, 0),
  steps: fc.integer({ min: 0, max: 50 }),
});

const luck = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(0x7fffffff) });
const who = fc.nat(4);
const fault = fc.constantFrom<Fault>('none', 'none', 'read-only', 'refuses', 'deaf');

/** Nobody is killed and nothing breaks; but all can be cancelled, and time can pass. */
function calm<R>(role: fc.Arbitrary<R>): fc.Arbitrary<Move<R>> {
  const steps = fc.integer({ min: 1, max: 12 });
  const ms = fc.constantFrom(500, 2_000, 4_000);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), role, luck }) },
    { weight: 12, arbitrary: fc.record({ do: fc.constant('run' as const), who, steps, luck }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sleep' as const), ms }) },
  );
}

function rough<R>(role: fc.Arbitrary<R>): fc.Arbitrary<Move<R>> {
  const part = fc.constantFrom('router' as const, 'ledger' as const);
  return fc.oneof(
    { weight: 16, arbitrary: calm(role) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), who }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('break' as const), part, fault }) },
  );
}

const writer = fc.constantFrom<Role>('rollout', 'handler', 'post', 'reconcile', 'rollback', 'rollback');
export const calmMove: fc.Arbitrary<Move> = calm(writer);
export const roughMove: fc.Arbitrary<Move> = rough(writer);

const useCase = fc.constantFrom<AppRole>('rollout', 'post', 'reconcile', 'rollback');
export const calmAppMove: fc.Arbitrary<Move<AppRole>> = calm(useCase);
export const roughAppMove: fc.Arbitrary<Move<AppRole>> = rough(useCase);
