import { createReadStream, readFileSync } from 'node:fs';
import { SaxesParser } from 'saxes';
import { readReport } from '../../src/adapters/reports/read-report.ts';

/** Reads one file in one way, and tells how long it took, how many tests there were and how much memory it was at most. */
const [way = '', path = ''] = process.argv.slice(2);
const CHUNK = 256 * 1024;

async function tests(): Promise<number> {
  if (way === 'ours')
    return (await readReport(createReadStream(path, { highWaterMark: CHUNK }))).tests.length;
  if (way === 'bare JSON.parse') {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return parsed === null ? 0 : Number.NaN;
  }
  let tags = 0;
  const parser = new SaxesParser();
  parser.on('opentag', () => {
    tags += 1;
  });
  const decoder = new TextDecoder();
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    parser.write(decoder.decode(chunk, { stream: true }));
  }
  parser.close();
  return tags;
}

const began = performance.now();
const read = await tests();
const ms = performance.now() - began;
process.stdout.write(JSON.stringify({ ms, read, peak: process.resourceUsage().maxRSS * 1024 }));
