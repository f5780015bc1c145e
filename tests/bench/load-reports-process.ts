import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import Papa from 'papaparse';
import { SaxesParser } from 'saxes';
import { readLoadReport } from '../../src/adapters/load/read-report.ts';

/** Reads one file in one way, and tells how long it took, how many requests or pieces there were, and its peak of memory. */
const [way = '', path = ''] = process.argv.slice(2);

async function pieces(): Promise<number> {
  switch (way) {
    case 'ours':
      return requests();
    case 'bare SAX pass':
      return tags();
    case 'bare CSV pass':
      return records();
    default:
      return lines(way === 'bare JSON.parse of each line');
  }
}

async function requests(): Promise<number> {
  const reading = await readLoadReport(path, new AbortController().signal);
  if (reading.kind === 'unreadable') throw new Error(JSON.stringify(reading));
  return reading.runs.reduce((sum, run) => sum + run.requests, 0);
}

async function tags(): Promise<number> {
  let count = 0;
  const parser = new SaxesParser();
  parser.on('opentag', () => {
    count += 1;
  });
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) parser.write(chunk);
  parser.close();
  return count;
}

function records(): Promise<number> {
  let count = 0;
  return new Promise((resolve, reject) => {
    Papa.parse<string[]>(createReadStream(path), {
      step: () => {
        count += 1;
      },
      complete: () => resolve(count),
      error: reject,
    });
  });
}

async function lines(isParsed: boolean): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!isParsed || JSON.parse(line) !== null) count += 1;
  }
  return count;
}

const began = performance.now();
const read = await pieces();
const ms = performance.now() - began;
process.stdout.write(JSON.stringify({ ms, read, peak: process.resourceUsage().maxRSS * 1_024 }));
