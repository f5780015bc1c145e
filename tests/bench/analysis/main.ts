import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figure, renderFigure, renderRow } from '../figure.ts';
import { measureAnalysis } from './cost.ts';
import { type Corpus, judge } from './judged.ts';
import { OURS, POLICIES } from './policies.ts';
import { type Recorded, readCorpus } from './recorded.ts';
import { standard, widerBenign, widerRegressions } from './scenarios.ts';
import { simulate } from './simulate.ts';
import { falseRollbacks, timesToDecision, totals } from './tables.ts';
import { targetsOf } from './targets.ts';

/*
 * npm run bench:analysis -- [--corpus FILE] [--runs N] [--seed N] [--wider] [--only REGEX] [--markdown FILE]
 *
 * Plays rollouts of which the truth is known to the analysis and to its peers' policies. Without a corpus they are
 * simulated: the same kinds, `runs` of each.
 */

const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    runs: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    wider: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    markdown: { type: 'string' },
  },
});

function* recorded(path: string): Generator<Recorded> {
  for (const rollout of readCorpus(path)) if (isAsked(rollout.family)) yield rollout;
}

function* simulated(): Generator<Recorded> {
  let seed = 1_000_000 * Number(values.seed);
  const scenarios = values.wider ? [...widerBenign(), ...widerRegressions()] : standard();
  for (const scenario of scenarios) {
    if (!isAsked(scenario.family ?? scenario.name)) continue;
    for (let run = 0; run < Number(values.runs); run++) yield simulate(scenario, seed++);
  }
}

function isAsked(family: string): boolean {
  return new RegExp(values.only).test(family);
}

/** Beside the figures, because times mean little on a machine that others use too. */
function circumstances({ rollouts }: Corpus, seconds: number): string {
  const source =
    values.corpus === undefined ? `simulated rollouts, seed ${values.seed}` : 'rollouts of a corpus';
  const load = (loadavg()[0] ?? Number.NaN).toFixed(1);
  return `${rollouts.length} ${source}; Node ${process.versions.node}, ${cpus().length} cores, load average ${load}, ${seconds.toFixed(0)} s.`;
}

function page(corpus: Corpus, figures: readonly Figure[], about: string): string {
  const targets = [
    '| what | measured | target | | beside it |',
    '|---|---|---|---|---|',
    ...figures.map(renderRow),
  ];
  return [
    '# Figures of the analysis\n',
    `Written by \`npm run bench:analysis\`. ${about}\n`,
    'The times of the last column of the first table are those of one rollout that is played to its end.\n',
    `${totals(corpus)}\n`,
    `## False rollbacks\n\n${falseRollbacks(corpus)}\n`,
    `## Time to the decision\n\nFrom the onset; in brackets how many were found when not all were; – for never.\n\n${timesToDecision(corpus)}\n`,
    `## Against what was asked\n\n${targets.join('\n')}\n`,
  ].join('\n');
}

const began = performance.now();
const corpus = judge(values.corpus === undefined ? simulated() : recorded(values.corpus), POLICIES);
const own = corpus.judged.find(({ name }) => name === OURS);
const figures = [...(own === undefined ? [] : targetsOf(corpus, own)), ...measureAnalysis()];
const about = circumstances(corpus, (performance.now() - began) / 1_000);
const tables = [totals(corpus), falseRollbacks(corpus), timesToDecision(corpus)];
process.stdout.write(`${[about, ...tables, figures.map(renderFigure).join('\n')].join('\n\n')}\n`);
if (values.markdown !== undefined) writeFileSync(values.markdown, page(corpus, figures, about));
