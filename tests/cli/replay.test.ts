import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecordings } from '../../src/adapters/recordings/recording-file.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import type { Recording } from '../../src/core/replay/recording.ts';
import { lineOf, made } from '../core/replay/made.ts';

let folder = '';

/** The command in this process: it throws where the program would end. */
async function replayed(...flags: readonly string[]): Promise<string> {
  const said: string[] = [];
  const command = replayCommand((text) => said.push(text))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await command.parseAsync([...flags], { from: 'user' });
  return said.join('');
}

async function file(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const text = `${lines.join('\n')}\n`;
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('replay', () => {
  it('prints one line of JSON for each rollout of a gzipped file', async () => {
    const both = [lineOf({ ...made(), id: 'good' }), lineOf({ ...made({ canary: 0.2 }), id: 'bad' })];
    const out = await replayed('--ticks', await file('both.jsonl.gz', ...both), '--json');
    const [good, bad, ...more] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(more).toEqual([]);
    expect(good).toMatchObject({
      id: 'good',
      decision: 'promote',
      tick: null,
      seconds: null,
      reasonCode: null,
      kpi: null,
    });
    expect(bad).toMatchObject({
      id: 'bad',
      decision: 'abort',
      reasonCode: 'comparison-regressed',
      kpi: 'error-rate',
    });
    expect(Object.keys(bad)).toEqual([
      'id',
      'decision',
      'tick',
      'seconds',
      'reasonCode',
      'kpi',
      'nonInferiorTick',
    ]);
  });

  it('tells a person when and why', async () => {
    const path = await file('bad.jsonl', lineOf(made({ canary: 0.2 })));
    const out = await replayed('--ticks', path, '--every', '20');
    expect(out).toMatch(/^made +abort +\d+s +Error rate +canary \d+ of \d+ failed \(20\.0 %\)/m);
  });

  it('refuses a file, a line or an interval that makes no sense, and says what would', async () => {
    const good = lineOf(made());
    const path = await file('good.jsonl', good);
    const short = await file('short.jsonl', good, good.replace('"ticks":40', '"ticks":41'));
    const torn = await file('torn.jsonl.gz', good);
    await writeFile(torn, gzipSync(`${good}\n`).subarray(0, 60));
    await expect(replayed('--ticks', join(folder, 'gone.jsonl'))).rejects.toThrow('ENOENT');
    await expect(replayed('--ticks', path, '--every', '15')).rejects.toThrow(
      'expected --every to be a multiple of 10',
    );
    await expect(read(short)).rejects.toThrow('expected a recorded rollout in line 2');
    await expect(read(torn)).rejects.toThrow('could not be read');
    expect(await read(path)).toEqual([made()]);
  });
});

async function read(path: string): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for await (const recording of readRecordings(path)) recordings.push(recording);
  return recordings;
}
