import { type ArmShares, countWords, shareOf, shareWords, watchedWords } from '../arm-shares.ts';
import { type Explained, type Explanation, explain, type Told } from '../explanation.ts';
import { html, type Markup } from '../markup.ts';

/** Why it was decided so: one sentence, and when, by which counts, and what the traffic did. */
export function whySection(input: Explained): Markup {
  const explanation = explain(input);
  if (explanation === null) return html``;
  return html`<h2>${explanation.title}</h2><p class="why">${explanation.why}</p>${reasonsCard(explanation)}`;
}

export function reasonsCard({ when, shares, closest, traffic }: Explanation): Markup {
  const counts = shares === null ? html`` : shareFact(shares);
  const close = closest === null ? html`` : fact('Closest to an abort', closest);
  return html`<div class="card reasons">${fact('When', when)}${counts}${close}${fact('Traffic', traffic)}</div>`;
}

function fact(name: string, { value, note }: Told): Markup {
  const beside = note === '' ? html`` : html`<p class="muted">${note}</p>`;
  return html`<div><h3>${name}</h3><p class="told">${value}</p>${beside}</div>`;
}

/** Both versions as bars on one scale, with the limit across them where there is one. */
function shareFact(shares: ArmShares): Markup {
  const { kpi, arms, limit, did } = shares;
  const most = 1.05 * (Math.max(...arms.map(shareOf), limit?.share ?? 0) || 1);
  const width = (share: number): string => `${((100 * share) / most).toFixed(1)}%`;
  const mark = limit === null ? html`` : html`<u style="left:${width(limit.share)}"></u>`;
  const rows = arms.map((one) => {
    const share = shareOf(one);
    return html`<div class="arm"><span>${one.arm}</span><span class="arm-bar"><i class="${one.arm}-bar" style="width:${width(share)}"></i>${mark}</span><b>${shareWords(share)}</b><span class="muted">${countWords(one, did)}</span></div>`;
  });
  const allowed = limit === null ? html`` : html`<p class="muted limit-note">${limit.words}</p>`;
  return html`<div class="shares"><h3>${kpi.title}${watchedWords(shares)}</h3>${rows}${allowed}</div>`;
}
