import { operations } from '../description.ts';
import { handlers } from '../handlers/registry.ts';
import type { Fields } from '../json.ts';
import { compose } from '../outgoing.ts';
import { Refusal } from '../refusal.ts';
import type { Memory } from '../service.ts';
import { findRepository, type Repository, type World, withRepository } from '../state/world.ts';

/** A repository with something more in it, and how the API tells of that. */
export interface Grown {
  readonly repository: Repository;
  readonly told: { readonly operationId: string; readonly path?: Fields; readonly query?: Fields };
}

export interface Ground {
  /** The repository `owner/name` as it is now. */
  known(name: string): Repository;
  /** Keeps what grew, if the API can tell of it in the words of its description. */
  grow<Made extends Grown>(name: string, recipe: (before: Repository, now: string) => Made): Made;
}

export function groundOf(memory: Memory, clock: () => number): Ground {
  const known = (name: string): Repository => {
    const found = findRepository(memory.world, name);
    if (found === undefined) throw new Error(`expected a seeded repository, saw ${name}; seed it first`);
    return found;
  };
  return {
    known,
    grow: (name, recipe) => {
      const made = recipe(known(name), `${new Date(clock()).toISOString().slice(0, 19)}Z`);
      const world = withRepository(memory.world, made.repository);
      checkTold(world, made);
      memory.world = world;
      return made;
    },
  };
}

/** Nobody may seed a state that GitHub could not be in: the answer about it must fit the description. */
function checkTold(world: World, { repository, told }: Grown): void {
  const operation = operations.find(({ operationId }) => operationId === told.operationId);
  const handler = handlers[told.operationId];
  if (operation === undefined || handler === undefined)
    throw new Error(`${told.operationId} is not built here`);
  const path = { owner: repository.owner, repo: repository.name, ...told.path };
  const query = told.query ?? {};
  const rate = { limit: 1, remaining: 1, reset: 0 };
  const token = { login: 'octocat', type: 'installation', permissions: {} } as const;
  const call = {
    ...operation,
    path,
    query,
    body: {},
    world,
    token,
    rate,
    now: '2026-01-01T00:00:00Z',
    api: 'http://localhost',
  };
  try {
    const { problems } = compose(handler(call), operation, query, new URL('http://localhost'));
    if (problems.length > 0) throw new Error(problems.join('; '));
  } catch (error) {
    const said = error instanceof Refusal ? `${error.status} ${error.message}` : String(error);
    throw new Error(`the seed is nothing that GitHub can tell of with ${told.operationId}: ${said}`, {
      cause: error,
    });
  }
}
