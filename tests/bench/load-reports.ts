import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  gatlingBinary,
  gatlingHead,
  gatlingText,
  jtlCsv,
  jtlXml,
  k6Points,
  type Sent,
  vegetaCsv,
  vegetaJson,
} from '../support/load-writers.ts';
import { newFolder } from './crew.ts';
import { count, type Figure } from './figure.ts';

const BYTES = 200_000_000;
const MB = 1_000_000;
/** For a report of any size: what Node itself takes, and a little. */
const MOST_MEMORY = 250 * MB;
const START = 1_795_676_000_000;
/** Requests that are written at once, over as many milliseconds. */
const BLOCK = 2_000;

const told = z.object({ ms: z.number(), read: z.number(), peak: z.number() });

interface Kind {
  readonly name: string;
  readonly write: (sent: readonly Sent[]) => string | Buffer;
  /** Bytes before the requests of a block, which are in the file only once, and what stands at its end. */
  readonly head: number;
  readonly tail: string;
  readonly beside: string;
}

const line = 'bare pass of its lines';
const KINDS: readonly Kind[] = [
  { name: 'k6 points', write: k6Points, head: 0, tail: '', beside: 'bare JSON.parse of each line' },
  { name: 'JTL as CSV', write: jtlCsv, head: lengthOf(jtlCsv([])), tail: '', beside: 'bare CSV pass' },
  {
    name: 'JTL as XML',
    write: (sent) => jtlXml(sent).replace(/\n<\/testResults>\n$/, ''),
    head: lengthOf(jtlXml([])) - lengthOf('\n</testResults>\n'),
    tail: '</testResults>\n',
    beside: 'bare SAX pass',
  },
  { name: 'vegeta JSON', write: vegetaJson, head: 0, tail: '', beside: 'bare JSON.parse of each line' },
  { name: 'vegeta CSV', write: vegetaCsv, head: 0, tail: '', beside: 'bare CSV pass' },
  {
    name: 'Gatling text',
    write: gatlingText,
    head: lengthOf(gatlingText(blockAt(0)).split('REQUEST', 1)[0] ?? ''),
    tail: '',
    beside: line,
  },
  {
    name: 'Gatling binary',
    write: gatlingBinary,
    head: gatlingHead(START).length,
    tail: '',
    beside: line,
  },
];

/** How fast each parser that streams is and how much memory it takes, beside a bare pass over the same file. */
export async function measureLoadReports(): Promise<readonly Figure[]> {
  const folder = newFolder();
  return KINDS.map((kind) => {
    const path = join(folder, 'report');
    const requests = write(kind, path);
    const megabytes = statSync(path).size / MB;
    const ours = run('ours', path);
    if (ours.read !== requests)
      throw new Error(`wrote ${requests} requests of ${kind.name}, read ${ours.read}`);
    const bare = run(kind.beside, path);
    rmSync(path);
    return {
      what: `${kind.name}, ${count(requests)} requests in ${megabytes.toFixed(0)} MB`,
      ours: wordsOf(ours, megabytes),
      target: `<= ${MOST_MEMORY / MB} MB`,
      met: ours.peak <= MOST_MEMORY,
      beside: [`${kind.beside}: ${wordsOf(bare, megabytes)}`],
    };
  });
}

function write(kind: Kind, path: string): number {
  const file = openSync(path, 'w');
  const block = Buffer.from(kind.write(blockAt(0)));
  let bytes = writeSync(file, block);
  let requests = BLOCK;
  while (bytes < BYTES) {
    // Gatling's binary times are relative to the start of its run, which stands in the head: the same block again.
    const more = kind.write === gatlingBinary ? block : Buffer.from(kind.write(blockAt(requests)));
    bytes += writeSync(file, more.subarray(kind.head));
    requests += BLOCK;
  }
  writeSync(file, kind.tail);
  closeSync(file);
  return requests;
}

function blockAt(first: number): Sent[] {
  return Array.from({ length: BLOCK }, (_, index) => ({
    at: START + first + index,
    took: 3 + ((first + index) % 97),
    status: (first + index) % 50 === 0 ? 503 : 200,
  }));
}

function lengthOf(text: string): number {
  return Buffer.byteLength(text);
}

function run(way: string, path: string): z.output<typeof told> {
  const argv = ['--import', './tools/register.mjs', 'tests/bench/load-reports-process.ts', way, path];
  const cwd = resolve(import.meta.dirname, '../..');
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr.slice(-500));
  return told.parse(JSON.parse(stdout));
}

function wordsOf({ ms, peak }: z.output<typeof told>, megabytes: number): string {
  return `${(megabytes / (ms / 1_000)).toFixed(0)} MB/s, at most ${(peak / MB).toFixed(0)} MB`;
}
