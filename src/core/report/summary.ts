import type { Kpi } from '../analysis/kpi.ts';
import type { Result } from '../result.ts';
import type { ServiceRecord } from '../rollout/record.ts';
import { headlineOf, headlineText } from './headline.ts';
import { escapeMarkdown, type Markdown, md } from './markdown.ts';
import { clip, utf8Bytes } from './plain-text.ts';
import type { Series } from './series.ts';
import { CUTS, type Cut } from './summary-cuts.ts';
import {
  chartSection,
  factsSection,
  footSection,
  kpiSection,
  nextSection,
  stepSection,
  timelineSection,
  verificationSection,
  warningSection,
} from './summary-sections.ts';

export interface SummaryInput {
  readonly result: Result;
  readonly record: ServiceRecord | null;
  readonly series: Series | null;
  /** The most UTF-8 bytes that may be written; GitHub takes 1 MiB per step and drops more. */
  readonly maxBytes: number;
  /** Without the KPIs' definitions the table has what their findings say. */
  readonly kpis?: readonly Kpi[];
}

/** The longest headline; a message beyond it is cut, and stands in full in the HTML report. */
const HEADLINE_LENGTH = 1_000;

/** The story of a run as GitHub-flavoured markdown, to be read in ten seconds. Never longer than `maxBytes`. */
export function renderSummary(input: SummaryInput): string {
  const left: Cut[] = [];
  let body = bodyOf(input, []);
  for (let cuts = 1; ; cuts += 1) {
    const text = `${body}\n\n${footSection(input.result, left).markdown}\n`;
    if (utf8Bytes(text) <= input.maxBytes) return text;
    const cut = CUTS[cuts - 1];
    if (cut === undefined) return verdictWithin(input);
    const shorter = bodyOf(input, CUTS.slice(0, cuts));
    if (shorter !== body) left.push(cut);
    body = shorter;
  }
}

function bodyOf(input: SummaryInput, cuts: readonly Cut[]): string {
  const evidence = { ...input, kpis: input.kpis ?? [] };
  const left = new Set(cuts);
  const sections: (Markdown | null)[] = [
    verdictLine(input.result, HEADLINE_LENGTH),
    warningSection(input.result, left),
    left.has('facts') ? null : factsSection(evidence),
    left.has('what to do next') ? null : nextSection(input.result),
    left.has('steps') ? null : stepSection(evidence),
    left.has('KPIs') ? null : kpiSection(evidence, left.has('passing KPIs')),
    left.has('charts') ? null : chartSection(evidence),
    left.has('timeline') ? null : timelineSection(evidence),
    left.has('verification') ? null : verificationSection(evidence, left.has('verification details')),
  ];
  return sections
    .filter((section) => section !== null)
    .map((section) => section.markdown)
    .join('\n\n');
}

function verdictLine(result: Result, length: number): Markdown {
  const headline = headlineOf(result);
  return md`## ${headline.mark} ${clip(headlineText(headline), length)}`;
}

/** The verdict alone, as much of it as there is room for. */
function verdictWithin({ result, maxBytes }: SummaryInput): string {
  const headline = headlineOf(result);
  const text = clip(headlineText(headline), HEADLINE_LENGTH);
  for (let length = Math.min(text.length, maxBytes); length > 0; length -= 1) {
    const line = `## ${headline.mark} ${escapeMarkdown(clip(text, length))}\n`;
    if (utf8Bytes(line) <= maxBytes) return line;
  }
  return utf8Bytes(headline.mark) <= maxBytes ? headline.mark : '';
}
