import type { Answer } from '../checks/answer.ts';
import type { Answered, Severity } from '../checks/checklist.ts';
import { durationAnswer, holdAnswer, omissionAnswer, sizeAnswer } from './answer-load.ts';
import { checksAnswer, errorsAnswer, latencyAnswer } from './answer-quality.ts';
import { regressionAnswer } from './answer-regression.ts';
import { reportsAnswer } from './answer-reports.ts';
import { resourceAnswer } from './answer-resources.ts';
import { versionAnswer } from './answer-version.ts';
import type { LoadFigures } from './figures.ts';
import type { LoadFacts, LoadTestRules } from './load-test.ts';
import { quantileName } from './load-words.ts';

/** One answer for each thing that a load test must prove. Ids are stable. */
export function judgeLoadTest(rules: LoadTestRules, facts: LoadFacts, figures: LoadFigures): Answered[] {
  const reports = reportsAnswer(rules, facts, figures);
  const told = facts.found.length > 0;
  const ask = (id: string, title: string, answer: () => Answer, severity: Severity = 'block'): Answered => ({
    id,
    title,
    severity,
    answer: told ? answer() : NOTHING_TOLD,
    durationMs: 0,
  });
  return [
    { id: 'report', title: 'The load was made, and told', severity: 'block', answer: reports, durationMs: 0 },
    ...(rules.version === 'off'
      ? []
      : [ask('version', 'The right version was under load', () => versionAnswer(rules.version, facts))]),
    ask('duration', 'Long enough', () => durationAnswer(rules, figures)),
    ask('size', 'Enough requests', () => sizeAnswer(rules, figures)),
    ask('load', `${rules.times} times normal traffic, held`, () => holdAnswer(rules, facts, figures)),
    ask(
      'coordinated-omission',
      'No request was held back',
      () => omissionAnswer(rules, facts, figures),
      rules.omission.severity,
    ),
    ...rules.latency.map((rule) =>
      ask(latencyId(rule.quantile), `Latency ${quantileName(rule.quantile)}`, () =>
        latencyAnswer(rule, figures),
      ),
    ),
    ask('error-rate', 'Error rate', () => errorsAnswer(rules, facts, figures)),
    ...checksOf(rules, ask, figures),
    ...rules.resources.map((rule) =>
      ask(resourceId(rule.name), rule.name, () => resourceAnswer(rule, facts.resources)),
    ),
    ...(rules.regression === null
      ? []
      : [
          ask('regression', 'No worse than the last accepted run', () =>
            regressionAnswer(rules.regression, facts.baseline, figures),
          ),
        ]),
  ];
}

function checksOf(
  { checks }: LoadTestRules,
  ask: (id: string, title: string, answer: () => Answer) => Answered,
  figures: LoadFigures,
): Answered[] {
  if (checks === null) return [];
  return [ask('checks', 'Checks of the script', () => checksAnswer(checks, figures))];
}

/** `latency-p95`, `latency-p99-9`. */
export function latencyId(quantile: number): string {
  return `latency-${quantileName(quantile).toLowerCase().replace('.', '-')}`;
}

/** `resource-database-connections`. */
export function resourceId(name: string): string {
  const kebab = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `resource-${kebab}`;
}

const NOTHING_TOLD: Answer = {
  status: 'no-data',
  code: 'missing',
  observed: 'nothing, because no load was told of',
  expected: 'a load test',
};
