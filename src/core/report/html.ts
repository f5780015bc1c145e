import { headlineOf, headlineText } from './headline.ts';
import { html } from './markup.ts';
import { chartData } from './page/chart-data.ts';
import { figuresOf } from './page/figures.ts';
import type { PageInput } from './page/page-input.ts';
import { pageOf } from './page/shell.ts';
import {
  findingsSection,
  planSection,
  rawSection,
  timelineSection,
  verificationSection,
  versionsSection,
} from './page/tables.ts';
import { topOf } from './page/top.ts';
import { whySection } from './page/why.ts';
import { formatInstant } from './words.ts';

export type { PageInput } from './page/page-input.ts';

/**
 * The whole story of a run as one HTML file: no request to anywhere, readable without its script, in light
 * and dark, on a phone and on paper. Whatever others wrote is escaped.
 */
export function renderHtml(input: PageInput): string {
  const analysis = input.record?.rollout?.analysis ?? null;
  const body = html`${topOf(input)}
${whySection({ ...input, analysis, isReplay: false })}
${figuresOf(input)}
${findingsSection(input)}
${planSection(input)}
${verificationSection(input)}
${timelineSection(input)}
${versionsSection(input)}
${rawSection(input)}
<footer>Written ${formatInstant(input.generatedAt)} by deploy-canary. Rollout ${input.result.rolloutId ?? 'none'}, reason code ${input.result.reasonCode}.</footer>`;
  return pageOf({ title: headlineText(headlineOf(input.result)), body, data: chartData(input) });
}
