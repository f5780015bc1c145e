import type { Score } from '../../replay/score.ts';
import { html, type Markup } from '../markup.ts';
import { type ScoreTable, scoreTables } from '../score-words.ts';

/** How the decisions compare with what is known to be true. */
export function scoreSection(score: Score): Markup {
  return html`<h2>Against the truth</h2>${scoreTables(score).map(tableOf)}`;
}

function tableOf({ title, columns, rows, total }: ScoreTable): Markup {
  const cell = (text: string, index: number): Markup =>
    columns[index]?.side === 'right' ? html`<td class="number">${text}</td>` : html`<td>${text}</td>`;
  const head = columns.map(({ name, side }) =>
    side === 'right' ? html`<th class="number" scope="col">${name}</th>` : html`<th scope="col">${name}</th>`,
  );
  const body = rows.map((row) => html`<tr>${row.map(cell)}</tr>`);
  return html`<details class="card" open><summary>${title}</summary><table class="decisions"><thead><tr>${head}</tr></thead><tbody>${body}<tr class="total">${total.map(cell)}</tr></tbody></table></details>`;
}
