import { dismiss } from './crew.ts';
import { count, type Figure } from './figure.ts';
import { sendAll, type Tally } from './load.ts';
import { haproxyVersion, openEmbedded, openHaproxy, openSlots, type Router } from './routers.ts';

const REQUESTS = 20_000;
const WEIGHTS = [10, 50, 25];
const TOLERANCE = 1;

/** The share of requests that each version really answered, against the weight that was asked for. */
export async function measureShares(): Promise<readonly Figure[]> {
  const slots = await openSlots();
  const version = haproxyVersion();
  const embedded = await openEmbedded(slots);
  const ours = await sharesOn(embedded);
  await embedded.close();
  const haproxy = version === null ? null : await openHaproxy(slots, version);
  const theirs = haproxy === null ? null : await sharesOn(haproxy);
  await haproxy?.close();
  await dismiss(slots.process);
  return WEIGHTS.map((weight, i): Figure => {
    const [mine, other] = [ours[i], theirs?.[i]];
    const off = Math.abs(shareOf(mine) - weight);
    return {
      what: `share of slot b at weight ${weight} %`,
      ours: shareText(mine),
      target: `within ${TOLERANCE} point`,
      met: off <= TOLERANCE && mine?.lost === 0,
      beside: [
        theirs === null ? 'HAProxy: skipped: needs haproxy' : `HAProxy ${version}: ${shareText(other)}`,
      ],
    };
  });
}

async function sharesOn(router: Router): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const weight of WEIGHTS) {
    await router.shift(weight);
    tallies.push(
      await sendAll({ url: router.url, rate: null, connections: 32, count: REQUESTS, bookings: false }),
    );
  }
  return tallies;
}

function shareOf(tally: Tally | undefined): number {
  return (100 * (tally?.versions.b?.answered ?? Number.NaN)) / REQUESTS;
}

function shareText(tally: Tally | undefined): string {
  return `${shareOf(tally).toFixed(3)} % of ${count(tally?.answered ?? 0)}`;
}
