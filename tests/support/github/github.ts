import { type FaultRule, newFaults } from './faults.ts';
import { handlers } from './handlers/registry.ts';
import { HOURLY_REQUESTS, newRateLimiter } from './rate-limit.ts';
import { newSeed, type Seed } from './seed.ts';
import { listen } from './server.ts';
import { type Logged, type Memory, type Service, type Violation, worldIn } from './service.ts';
import { emptyWorld, findRepository, type Repository } from './state/world.ts';

export interface GitHubOptions {
  /** `ghes`: below `/api/v3`, as GitHub Enterprise Server has it. */
  readonly flavour?: 'github.com' | 'ghes';
  /** Requests an hour, over all tokens. */
  readonly hourlyRequests?: number;
  /** Milliseconds since 1970; left out: the real time. */
  readonly clock?: () => number;
}

/** A GitHub on the loopback interface that does what GitHub's own API description says, and nothing else. */
export interface GitHub {
  /** What GITHUB_API_URL is set to. */
  readonly url: string;
  readonly seed: Seed;
  fault(rule: FaultRule): void;
  clearFaults(): void;
  /** Everything asked so far. */
  requests(): readonly Logged[];
  /** What client or server did that the description does not allow. */
  violations(): readonly Violation[];
  /** The same, and starts over: for a test that provokes them. */
  takeViolations(): readonly Violation[];
  /** What is true now, whatever answers say: `owner/name`. */
  repository(name: string): Repository;
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const clock = options.clock ?? Date.now;
  const prefix = options.flavour === 'ghes' ? '/api/v3' : '';
  const memory: Memory = { world: emptyWorld, earlier: [], tokens: new Map(), violations: [], log: [] };
  const faults = newFaults();
  const hourly = options.hourlyRequests ?? HOURLY_REQUESTS;
  let api = '';
  const service: Service = {
    ...{ memory, handlers, faults, clock, api: () => api, worldFor: (fault) => worldIn(memory, fault) },
    ...{ limiter: newRateLimiter(hourly, clock), queries: newRateLimiter(hourly, clock) },
  };
  const listener = await listen(service, prefix);
  api = `${listener.origin()}${prefix}`;
  return {
    url: api,
    seed: newSeed(memory, clock),
    fault: faults.add,
    clearFaults: faults.clear,
    requests: () => [...memory.log],
    violations: () => [...memory.violations],
    takeViolations: () => memory.violations.splice(0),
    repository: (name) => {
      const found = findRepository(memory.world, name);
      if (found === undefined) throw new Error(`expected a repository, saw ${name}`);
      return found;
    },
    down: listener.down,
    up: listener.up,
    stop: listener.down,
  };
}
