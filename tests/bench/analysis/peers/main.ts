import { readFileSync } from 'node:fs';
import { readCorpus } from '../recorded.ts';
import { PEERS } from './peers.ts';

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** `main.ts CORPUS DECISIONS`: how often each peer decides at the very tick that the decisions have for it. */
function main([corpus = '', decisions = '']: readonly string[]): void {
  const known: readonly Row[] = JSON.parse(readFileSync(decisions, 'utf8'));
  const rows = new Map(known.map((row) => [row.id, row]));
  const rollouts = [...readCorpus(corpus)];
  for (const [name, decide] of Object.entries(PEERS)) {
    const off = rollouts.filter((rollout) => decide(rollout) !== rows.get(rollout.id)?.[name]);
    console.log(`${name.padEnd(16)} ${rollouts.length - off.length} of ${rollouts.length} alike`);
    for (const rollout of off.slice(0, 5)) {
      console.log(`  ${rollout.id}: ${decide(rollout)}, and not ${rows.get(rollout.id)?.[name]}`);
    }
  }
}

main(process.argv.slice(2));
