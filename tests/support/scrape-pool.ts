import { type CountingService, countingService } from './counting-service.ts';
import { type Prometheus, startPrometheus, until } from './prometheus.ts';

export interface Pair {
  readonly a: CountingService;
  readonly b: CountingService;
  /** Says which pair: the label `pair` of its series. */
  readonly id: string;
  /** Until Prometheus has seen everything that the pair has counted so far. */
  readonly settled: () => Promise<void>;
}

/** A real Prometheus and services for many tests: it takes five seconds to begin with its first scrape. */
export interface ScrapePool {
  readonly prometheus: Prometheus;
  /** Two services that no test has had. */
  readonly take: () => Pair;
  readonly stop: () => Promise<void>;
}

export const SCRAPE_INTERVAL = '200ms';

export async function scrapePool(pairs: number, slots = { a: 'a', b: 'b' }): Promise<ScrapePool> {
  const services = await Promise.all(
    Array.from({ length: pairs }, async (_, index) => ({
      a: await countingService(),
      b: await countingService(),
      id: String(index),
    })),
  );
  const prometheus = await startPrometheus(
    services.flatMap(({ a, b, id }) => [
      { url: a.url, labels: { slot: slots.a, pair: id } },
      { url: b.url, labels: { slot: slots.b, pair: id } },
    ]),
    { interval: SCRAPE_INTERVAL },
  );
  await until(
    async () => (await newestScrapes(prometheus, 'up')).length === 2 * pairs,
    'the first scrapes',
    15_000,
  );
  const left = [...services];
  return {
    prometheus,
    take() {
      const pair = left.shift();
      if (pair === undefined) throw new Error('the pool has no more pairs: make it larger');
      const settled = async (): Promise<void> => {
        const now = Date.now();
        await until(async () => {
          const times = await newestScrapes(prometheus, `up{pair="${pair.id}"}`);
          return times.length === 2 && times.every((time) => time > now);
        }, 'the next scrapes');
      };
      return { ...pair, settled };
    },
    stop: async () => {
      await prometheus.stop();
      for (const { a, b } of services) await Promise.all([a.stop(), b.stop()]);
    },
  };
}

async function newestScrapes({ url }: Prometheus, selector: string): Promise<readonly number[]> {
  const query = encodeURIComponent(`timestamp(${selector})`);
  const response = await fetch(`${url}/api/v1/query?query=${query}`);
  const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
  return data.result.map(({ value }) => Number(value[1]) * 1_000);
}
