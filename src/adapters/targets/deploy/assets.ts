import type { Answer } from '../../../core/checks/answer.ts';
import { counted, listed } from '../../../core/checks/answer.ts';
import type { Milliseconds } from '../../../core/units.ts';
import type { Verified } from '../../../ports/deploy-service.ts';
import { ask, type Answer as Reply } from '../health-request.ts';
import { headerFlaws } from './header-flaws.ts';
import { type Asset, assetsOf, isSaneType } from './page-assets.ts';

const MOST = 500;
const AT_ONCE = 8;
/** Only the head of the answer matters. */
const AS_HEAD = { headers: { accept: '*/*' }, longest: 1 };

export interface AssetRules {
  readonly timeout: Milliseconds;
  readonly 'asset-headers': Readonly<Record<string, string>>;
}

/** Whether everything that the page names is really there. */
export async function checkAssets(
  page: Reply,
  url: string,
  rules: AssetRules,
  signal: AbortSignal,
): Promise<Verified> {
  const answer = page.kind === 'silence' ? unseen(page.why) : await decide(page, url, rules, signal);
  return { check: 'assets', title: 'Assets of the page', answer };
}

const EXPECTED = 'every asset of the page with HTTP 200 and its own type';

function unseen(observed: string): Answer {
  return {
    status: 'error',
    code: 'unavailable',
    observed,
    expected: EXPECTED,
    fix: 'see why the page does not answer',
  };
}

async function decide(
  { status, headers, body }: Extract<Reply, { kind: 'answer' }>,
  url: string,
  rules: AssetRules,
  signal: AbortSignal,
): Promise<Answer> {
  if (status !== 200) return unseen(`HTTP ${status} for the page`);
  if (!String(headers['content-type'] ?? '').includes('html')) return unseen('a page that is no HTML');
  const assets = assetsOf(body, url);
  const flaws = await allFlaws(assets.slice(0, MOST), rules, signal);
  if (assets.length > MOST) flaws.push(`more than ${MOST} assets`);
  if (flaws.length > 0) {
    const fix = 'upload what is missing, or take it out of the page';
    const observed = `${flaws.length} of ${assets.length}: ${listed(flaws, 10)}`;
    return { status: 'fail', code: 'not-met', observed, expected: EXPECTED, fix };
  }
  return { status: 'pass', code: 'met', observed: counted(assets.length, 'asset'), expected: EXPECTED };
}

async function allFlaws(assets: readonly Asset[], rules: AssetRules, signal: AbortSignal): Promise<string[]> {
  const waiting = [...assets];
  const flaws: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const flaw = await flawOf(next, rules, signal);
      if (flaw !== null) flaws.push(`${new URL(next.url).pathname} ${flaw}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return flaws;
}

async function flawOf({ url, kind }: Asset, rules: AssetRules, signal: AbortSignal): Promise<string | null> {
  const reply = await ask(url, rules.timeout, signal, AS_HEAD);
  if (reply.kind === 'silence') return reply.why;
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  const type = String(reply.headers['content-type'] ?? '');
  if (!isSaneType(kind, type)) return `a ${kind} of type ${type === '' ? 'unknown' : type}`;
  const isBuilt = kind === 'script' || kind === 'stylesheet';
  return (isBuilt ? headerFlaws(reply.headers, rules['asset-headers'])[0] : undefined) ?? null;
}
