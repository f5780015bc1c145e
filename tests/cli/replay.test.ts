import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecordings } from '../../src/adapters/recordings/recording-file.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import type { Recording } from '../../src/core/replay/recording.ts';
import { lineOf, made } from '../core/replay/made.ts';

/** Twelve rollouts whose truth is known. */
const SLICE = fileURLToPath(new URL('../vectors/corpus-slice.jsonl.gz', import.meta.url));

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
    const [heads, row, blank, totals] = out.split('\n');
    expect(heads).toMatch(/^Rollout +Decision +After +KPI +Why$/);
    expect(row).toMatch(/^made +abort +\d+s +Error rate +canary \d+ of \d+ failed \(20\.0 %\), stable 0 of/);
    for (const head of ['Decision', 'KPI', 'Why']) {
      expect(row?.charAt((heads ?? '').indexOf(head))).toMatch(/\S/);
    }
    expect([blank, totals]).toEqual([
      '',
      expect.stringMatching(/^1 rollout: 1 aborted, 0 promoted; median \d+ s to abort$/),
    ]);
    expect(out).not.toContain('False rollbacks');
  });

  it('measures itself against the truth, where the recording knows it', async () => {
    const out = await replayed('--ticks', SLICE);
    expect(out).toContain('12 rollouts: 7 aborted, 5 promoted; median 1,020 s to abort');
    expect(out).toMatch(/^A\/A plain +2 +0 +0\.00 %$/m);
    expect(out).toMatch(/^All +4 +0 +0\.00 %$/m);
    expect(out).toMatch(/^error =5% +5 +100 % +[\d,]+ s +\d+\.\d$/m);
    expect(out).toMatch(/^All \(mean, and sum of harm\) +100\.0 % +[\d,]+$/m);
    expect(out).not.toContain('lat/r5/x1.1 ');
  });

  it('writes one rollout as a whole page that says it is replayed', async () => {
    const path = await file('bad.jsonl', lineOf({ ...made({ canary: 0.2 }), id: '<b>bad</b>' }));
    const page = join(folder, 'one.html');
    const out = await replayed('--ticks', path, '--report', page);
    expect(out).toContain(`Report: ${page}`);
    const markup = await readFile(page, 'utf8');
    for (const words of [
      'Replayed from what was recorded: no traffic was touched',
      '<h1>Would have been rolled back</h1>',
      '<h2>Why it would have been rolled back</h2>',
      '<h2>Evidence that the canary is worse</h2>',
      '<h2>KPIs</h2>',
      '&lt;b&gt;bad&lt;/b&gt;',
      'bad.jsonl',
    ]) {
      expect(markup).toContain(words);
    }
    expect(markup).not.toMatch(/<b>bad<|NaN|undefined|1970|<h2>Traffic|<h2>Versions|src=/);
  });

  it('writes many as an overview by scenario, with the aborted ones in full', async () => {
    const page = join(folder, 'many.html');
    await replayed('--ticks', SLICE, '--report', page, '--json');
    const markup = await readFile(page, 'utf8');
    expect(markup).toContain('<h1>12 rollouts: 7 aborted, 5 promoted</h1>');
    expect(markup).toContain('<b>err/r5/b1/=5%</b> regression, 3 of 3 aborted');
    expect(markup).toContain('0 of 4 harmless rollouts would have been rolled back');
    expect(markup.match(/<svg class="spark"/g)).toHaveLength(12);
    const links = [...markup.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThanOrEqual(4);
    for (const id of links) expect(markup).toContain(`id="${id}"`);
    const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(markup).not.toMatch(/NaN|undefined|src=/);
  });

  it('tells no more than fifty in full, however many there are, and false alarms before all others', async () => {
    const bad = made({ canary: 0.2 });
    const known = { family: 'f', rps: 50, onsetTick: 0, expectedExcessBad: [] };
    const lines = Array.from({ length: 60 }, (_, index) => {
      const truth = index < 58 ? 'regression' : 'benign';
      return JSON.stringify({
        ...JSON.parse(lineOf({ ...bad, id: `r${index}` })),
        ...known,
        truth,
        scenario: `s${index}`,
      });
    });
    const page = join(folder, 'crowd.html');
    await replayed('--ticks', await file('crowd.jsonl.gz', ...lines), '--report', page, '--json');
    const markup = await readFile(page, 'utf8');
    expect(markup.match(/<details class="card rollout">/g)).toHaveLength(50);
    expect(markup).toMatch(/<a href="#rollout-\d+">r58<\/a>/);
    expect(markup).toContain('✗ abort, wrongly');
    expect(Buffer.byteLength(markup)).toBeLessThan(2_500_000);
  });

  it('says where a report cannot be written', async () => {
    const path = await file('good.jsonl', lineOf(made()));
    await expect(replayed('--ticks', path, '--report', join(folder, 'gone', 'x.html'))).rejects.toThrow(
      'name a file in a folder that exists',
    );
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
