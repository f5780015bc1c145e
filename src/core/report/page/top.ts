import type { Result } from '../../result.ts';
import { factsOf } from '../facts.ts';
import { headlineOf } from '../headline.ts';
import { html, type Markup } from '../markup.ts';
import { NEXT_STEPS } from '../next-steps.ts';
import { asSentence } from '../plain-text.ts';
import { formatInstant, shortVersion } from '../words.ts';
import type { PageInput } from './page-input.ts';

/** What somebody who has ten seconds must see. */
export function topOf(input: PageInput): Markup {
  return html`${where(input)}${banner(input.result)}${warnings(input.result)}${facts(input)}${next(input.result)}`;
}

function where({ result }: PageInput): Markup {
  const started =
    result.startedAt === null ? html`` : html`<span>Started ${formatInstant(result.startedAt)}</span>`;
  return html`<div class="where"><span><b>${result.service}</b> in <b>${result.environment}</b></span>${started}</div>`;
}

function banner(result: Result): Markup {
  const { tone, mark, title, why, traffic } = headlineOf(result);
  const paragraphs = [why, traffic].filter((text) => text !== '').map((text) => html`<p>${text}</p>`);
  return html`<header class="banner ${tone}"><span class="mark" aria-hidden="true">${mark}</span><h1>${title}</h1>${paragraphs}</header>`;
}

function warnings({ warnings }: Result): Markup {
  if (warnings.length === 0) return html``;
  const items = warnings.map((warning) => html`<li>${asSentence(warning)}</li>`);
  return html`<section class="alerts" role="alert"><h2>${warnings.length === 1 ? '! Warning' : `! ${warnings.length} warnings`}</h2><ul>${items}</ul></section>`;
}

function facts({ result, record, series }: PageInput): Markup {
  const list = factsOf(result, record, series).map(({ name, value, isCode, note }) => {
    const shown = isCode ? html`<code title="${value}">${shortVersion(value)}</code>` : html`${value}`;
    const beside = note === '' ? html`` : html`<span>${note}</span>`;
    return html`<div><dt>${name}</dt><dd>${shown}${beside}</dd></div>`;
  });
  return list.length === 0 ? html`` : html`<dl class="card facts">${list}</dl>`;
}

function next({ reasonCode }: Result): Markup {
  const lines = NEXT_STEPS[reasonCode].flatMap((line) => (line === undefined ? [] : [line]));
  const body =
    lines.length === 1
      ? html`<p>${lines[0] ?? ''}</p>`
      : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return html`<section class="card next"><h2>What to do next</h2>${body}</section>`;
}
