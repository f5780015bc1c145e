import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { measureAborts } from './abort.ts';
import { copyBuilt } from './built.ts';
import { measureColdStarts } from './cold.ts';
import { dismissAll } from './crew.ts';
import { type Figure, renderFigure, renderRow, type Section } from './figure.ts';
import { measureGitHub } from './github.ts';
import { measureLoadReports } from './load-reports.ts';
import { measureLoadTest } from './load-test.ts';
import { measureNets } from './nets.ts';
import { measureParked } from './parked.ts';
import { measurePipeline } from './pipeline.ts';
import { measureReports } from './reports.ts';
import { measureRouters } from './router-figures.ts';
import { measureShares } from './share.ts';
import { measureShifts } from './shift.ts';
import { measureWatching } from './watch.ts';

/** Figures, not tests: each beside its target and beside the same thing elsewhere. Only a section that breaks is an error. */

const LIMIT_MS = 900_000;

const SECTIONS: readonly Section[] = [
  { name: 'shift', title: 'Weight shifts under load', run: measureShifts },
  { name: 'share', title: 'The share really served, of 20,000 requests', run: measureShares },
  { name: 'routers', title: 'A shift on each router, at 1,000 requests a second', run: measureRouters },
  { name: 'abort', title: 'From the decision to the last canary request', run: measureAborts },
  { name: 'nets', title: 'From a dead operator to the last canary request, by each net', run: measureNets },
  { name: 'cold', title: 'Cold start and size of the actions', run: measureColdStarts },
  { name: 'watch', title: 'What watching costs the runner', run: measureWatching },
  { name: 'load-test', title: 'What a load test costs the rate of autocannon', run: measureLoadTest },
  { name: 'github', title: 'What GitHub is asked, and how long a checklist takes', run: measureGitHub },
  {
    name: 'pipeline',
    title: 'What a whole pipeline asks of GitHub, and how long its actions take',
    run: measurePipeline,
  },
  { name: 'parked', title: 'Runner minutes of a rollout', run: measureParked },
  { name: 'load-reports', title: 'Reading a load test report of 200 MB', run: measureLoadReports },
  { name: 'reports', title: 'Reading a test report of 200 MB', run: measureReports },
];

const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'));
/** `--markdown=<file>`: the same as tables. */
const [, markdown] = /^--markdown=(.+)$/m.exec(process.argv.join('\n')) ?? [];
const pages: string[] = [];
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function chosen(): readonly Section[] {
  const unknown = asked.find((name) => !SECTIONS.some((section) => section.name === name));
  if (unknown === undefined) return SECTIONS.filter(({ name }) => asked.length === 0 || asked.includes(name));
  print(`expected sections among ${SECTIONS.map(({ name }) => name).join(', ')}, saw "${unknown}"`);
  process.exit(2);
}

/** Times mean little on a machine that others use too, and this says whether they did. */
const busyness = (): string => (loadavg()[0] ?? Number.NaN).toFixed(1);

function show({ title, name }: Section, figures: readonly Figure[], before: string, seconds: number): void {
  const circumstances = `${seconds.toFixed(0)} s, load average ${before} before, ${busyness()} after`;
  print([`\n${title} (${name}: ${circumstances})`, ...figures.map(renderFigure)].join('\n'));
  const head = '| what | measured | target | | beside it |\n|---|---|---|---|---|';
  pages.push([`## ${title} (\`${name}\`)\n`, head, ...figures.map(renderRow), ''].join('\n'));
}

async function bench(): Promise<void> {
  const sections = chosen();
  await copyBuilt();
  const began = performance.now();
  print(`measured on ${cpus().length} cores, Node ${process.versions.node}`);
  const figures: Figure[] = [];
  for (const section of sections) {
    const [before, from] = [busyness(), performance.now()];
    try {
      const measured = await section.run();
      figures.push(...measured);
      show(section, measured, before, (performance.now() - from) / 1_000);
    } catch (error) {
      process.exitCode = 1;
      print(
        `\n${section.title} (${section.name})\n  broke: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  if (markdown !== undefined) writeFileSync(markdown, pages.join('\n'));
  const marked = figures.filter(({ met }) => met !== null);
  const met = marked.filter((figure) => figure.met === true).length;
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  print(`\n${met} of ${marked.length} targets met, in ${seconds} s`);
}

process.on('exit', dismissAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    print(`stopped by ${signal}`);
    process.exit(1);
  });
}
setTimeout(() => {
  print(`stopped: expected to end within ${LIMIT_MS / 1_000} s`);
  process.exit(1);
}, LIMIT_MS).unref();
await bench();
process.exit();
