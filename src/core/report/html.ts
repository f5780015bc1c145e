import { headlineOf, headlineText } from './headline.ts';
import { html, type Markup } from './markup.ts';
import { chartData } from './page/chart-data.ts';
import { figuresOf } from './page/figures.ts';
import type { PageInput } from './page/page-input.ts';
import { SCRIPT } from './page/script.ts';
import { STYLE } from './page/style.ts';
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
import { clip } from './plain-text.ts';
import { formatInstant } from './words.ts';

export type { PageInput } from './page/page-input.ts';

/**
 * The whole story of a run as one HTML file: no request to anywhere, readable without its script, in light
 * and dark, on a phone and on paper. Whatever others wrote is escaped.
 */
export function renderHtml(input: PageInput): string {
  const title = clip(headlineText(headlineOf(input.result)), 120);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${topOf(input)}
${whySection({ ...input, analysis: input.record?.rollout?.analysis ?? null, isReplay: false })}
${figuresOf(input)}
${findingsSection(input)}
${planSection(input)}
${verificationSection(input)}
${timelineSection(input)}
${versionsSection(input)}
${rawSection(input)}
<footer>Written ${formatInstant(input.generatedAt)} by deploy-canary. Rollout ${input.result.rolloutId ?? 'none'}, reason code ${input.result.reasonCode}.</footer>
</main>
<script type="application/json" id="chart-data">${chartData(input)}</script>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}

/** Our own text, written as it is. */
function trusted(markup: string): Markup {
  return { markup };
}
