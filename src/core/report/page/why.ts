import { type ArmShares, countWords, shareOf, shareWords, watchedWords } from '../arm-shares.ts';
import { type Explained, explain, type Told } from '../explanation.ts';
import { html, type Markup } from '../markup.ts';

/** Why it was decided so: one sentence, and when, by which counts, and what the traffic did. */
export function whySection(input: Explained): Markup {
  const explanation = explain(input);
  if (explanation === null) return html``;
  const { title, why, when, shares, traffic } = explanation;
  const counts = shares === null ? html`` : shareFact(shares);
  return html`<h2>${title}</h2><p class="why">${why}</p><div class="card reasons">${fact('When', when)}${counts}${fact('Traffic', traffic)}</div>`;
}

function fact(name: string, { value, note }: Told): Markup {
  const beside = note === '' ? html`` : html`<p class="muted">${note}</p>`;
  return html`<div><h3>${name}</h3><p class="told">${value}</p>${beside}</div>`;
}

function shareFact(shares: ArmShares): Markup {
  const { kpi, arms, limit, did } = shares;
  const most = Math.max(...arms.map(shareOf), limit?.share ?? 0) || 1;
  const width = (share: number): string => `${((100 * share) / most).toFixed(1)}%`;
  const rows = arms.map((one) => {
    const share = shareOf(one);
    return html`<div class="arm"><span>${one.arm}</span><span class="arm-bar"><i class="${one.arm}-bar" style="width:${width(share)}"></i></span><b>${shareWords(share)}</b><span class="muted">${countWords(one, did)}</span></div>`;
  });
  const allowed =
    limit === null
      ? html``
      : html`<div class="arm"><span>${limit.words}</span><span class="arm-bar"><i class="limit-bar" style="width:${width(limit.share)}"></i></span><b>${shareWords(limit.share)}</b><span></span></div>`;
  return html`<div class="shares"><h3>${kpi.title}${watchedWords(shares)}</h3>${rows}${allowed}</div>`;
}
