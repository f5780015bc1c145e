import { createInterface } from 'node:readline';
import { dismiss, hireScript } from './crew.ts';
import { type Figure, median, spread } from './figure.ts';

const PAIRS = 5;
const SECONDS = 3;
const PACED = 500;
/** How much of the rate of autocannon alone may be lost, in percent. */
const TARGET_PERCENT = 5;

interface Pair {
  readonly alone: number;
  readonly ours: number;
}

/** What a load test of ours loses of the rate that autocannon alone makes: same service, same settings, one after the other. */
export async function measureLoadTest(): Promise<readonly Figure[]> {
  const service = hireScript('load-test-process.ts', { as: 'service' });
  try {
    const [told] = await lines<{ url: string }>(service, 1);
    const url = told?.url ?? '';
    return [await figure(url, null), await figure(url, PACED)];
  } finally {
    await dismiss(service);
  }
}

async function figure(url: string, rate: number | null): Promise<Figure> {
  const child = hireScript('load-test-process.ts', {
    as: 'generators',
    url,
    rate,
    seconds: SECONDS,
    pairs: PAIRS,
  });
  const pairs = await lines<Pair>(child, PAIRS);
  const lost = pairs.map(({ alone, ours }) => 100 * (1 - ours / alone));
  const what = rate === null ? 'rate lost, as fast as it goes' : `rate lost, at ${rate} requests/s`;
  return {
    what: `${what} (${PAIRS} pairs of ${SECONDS} s)`,
    ours: `${median(lost).toFixed(1)} % (${spread(lost, '%', 1)})`,
    target: `< ${TARGET_PERCENT} %`,
    met: median(lost) < TARGET_PERCENT,
    beside: [
      `autocannon alone ${spread(
        pairs.map(({ alone }) => alone),
        'requests/s',
      )}`,
      `in a load test ${spread(
        pairs.map(({ ours }) => ours),
        'requests/s',
      )}`,
    ],
  };
}

async function lines<T>({ stdout }: ReturnType<typeof hireScript>, count: number): Promise<readonly T[]> {
  if (stdout === null) throw new Error('the process has no output');
  const told: T[] = [];
  for await (const line of createInterface({ input: stdout })) {
    told.push(JSON.parse(line));
    if (told.length === count) return told;
  }
  throw new Error(`expected ${count} lines, saw ${told.length}`);
}
