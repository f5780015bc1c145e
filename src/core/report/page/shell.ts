import { html, type Markup } from '../markup.ts';
import { clip } from '../plain-text.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface Shell {
  readonly title: string;
  readonly body: Markup;
  /** What the pointer shows, by chart, as JSON. */
  readonly data: Markup;
}

/** One HTML file that asks nothing of anybody. */
export function pageOf({ title, body, data }: Shell): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${clip(title, 120)}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
<script type="application/json" id="chart-data">${data}</script>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}

/** Our own text, written as it is. */
function trusted(markup: string): Markup {
  return { markup };
}
