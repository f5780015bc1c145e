import { oddsAgainst } from '../../analysis/comparison/odds.ts';
import type { Kpi } from '../../analysis/kpi.ts';
import { comparedShares, countWords, shareOf, shareWords } from '../arm-shares.ts';
import type { EvidenceSeries, Suspicion } from '../evidence-series.ts';
import { html, type Markup } from '../markup.ts';
import { formatClock } from '../words.ts';

const MOST_ROWS = 12;

/** Who was suspected when, strongest evidence first: the chart in words and counts. */
export function suspicionTable({ suspicions }: EvidenceSeries, kpis: readonly Kpi[], from: number): Markup {
  if (suspicions.length === 0) return html``;
  const strongest = suspicions.toSorted((one, other) => other.log - one.log).slice(0, MOST_ROWS);
  const rows = strongest
    .toSorted((one, other) => one.from - other.from)
    .map((one) => suspicionRow(one, kpis, from));
  const head = ['From', 'to', 'Evidence at most', 'Carried by', 'Canary', 'Stable'];
  return html`<details class="table"><summary>The evidence as a table</summary><table class="stack"><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></details>`;
}

function suspicionRow(
  { from, to, peakAt, log, culprit }: Suspicion,
  kpis: readonly Kpi[],
  start: number,
): Markup {
  const clock = (at: number): string => formatClock(at - start);
  const kpi = kpis.find((one) => one.id === culprit.kpi);
  const evidence = html`${oddsAgainst(log)}<span class="muted">at ${clock(peakAt)}</span>`;
  if (kpi === undefined) {
    return html`<tr><td>${clock(from)}</td><td data-name="to">${clock(to)}</td><td data-name="Evidence at most">${evidence}</td><td data-name="Carried by">${culprit.kpi}</td><td></td><td></td></tr>`;
  }
  const { did, arms } = comparedShares(kpi, culprit);
  const cells = (['canary', 'stable'] as const).map((name) => {
    const arm = arms.find((one) => one.arm === name);
    const words =
      arm === undefined ? 'serves nobody' : `${countWords(arm, did)} (${shareWords(shareOf(arm))})`;
    return html`<td data-name="${name}">${words}</td>`;
  });
  return html`<tr><td>${clock(from)}</td><td data-name="to">${clock(to)}</td><td data-name="Evidence at most">${evidence}</td><td data-name="Carried by">${kpi.title}</td>${cells}</tr>`;
}
