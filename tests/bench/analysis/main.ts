import { writeFileSync } from 'node:fs';
import type { Decision } from './play.ts';
import { play } from './play.ts';
import type { Recorded } from './recorded.ts';
import { readCorpus } from './recorded.ts';
import { benign, regressions } from './scenarios.ts';
import type { Scenario } from './simulate.ts';
import { simulate } from './simulate.ts';
import { summarise } from './summary.ts';

interface Row {
  readonly rollout: Pick<Recorded, 'id' | 'family' | 'truth' | 'rps' | 'onsetTick' | 'tickSeconds'>;
  readonly decision: Decision;
  readonly harm: number;
}

function judge(rollout: Recorded): Row {
  const decision = play(rollout);
  const until = decision.tick === null ? rollout.expectedExcessBad.length : decision.tick + 1;
  const harm = rollout.expectedExcessBad.slice(0, until).reduce((sum, bad) => sum + bad, 0);
  const { id, family, truth, rps, onsetTick, tickSeconds } = rollout;
  return { rollout: { id, family, truth, rps, onsetTick, tickSeconds }, decision, harm };
}

function* simulated(scenarios: readonly Scenario[], each: number, seed: number): Generator<Recorded> {
  let next = seed;
  for (const scenario of scenarios) for (let run = 0; run < each; run++) yield simulate(scenario, next++);
}

/** `main.ts corpus FILE [decisions.jsonl]` or `main.ts benign|regressions RUNS SEED [FILTER]`. */
function main(args: readonly string[]): void {
  const [mode, first = '', second, filter] = args;
  const rows: Row[] = [];
  const started = performance.now();
  if (mode === 'corpus') {
    for (const rollout of readCorpus(first)) rows.push(judge(rollout));
    if (second !== undefined)
      writeFileSync(second, rows.map((row) => `${JSON.stringify(row.decision)}\n`).join(''));
  } else {
    const pattern = new RegExp(filter ?? '');
    const chosen = (mode === 'benign' ? benign() : regressions()).filter((one) => pattern.test(one.name));
    for (const rollout of simulated(chosen, Number(first), Number(second ?? 1))) rows.push(judge(rollout));
  }
  console.log(summarise(rows));
  console.log(`${((performance.now() - started) / rows.length).toFixed(1)} ms a rollout`);
}

main(process.argv.slice(2));
