import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readEntry } from '../../../src/adapters/ledger/entry-text.ts';
import { fileLedger } from '../../../src/adapters/ledger/file-ledger.ts';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import { draftOf, ENVIRONMENT, SERVICE } from '../../contract/ledger.ts';
import { compileSources } from '../runner/compiled-sources.ts';

const { signal } = new AbortController();
const sources = await compileSources('src/adapters/ledger/file-ledger.ts', 'src/core/rollout/record.ts');
const roots: string[] = [];
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  sources.remove();
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'ledger-'));
  roots.push(root);
  return root;
}

const PREAMBLE = `
  import { fileLedger } from '${sources.url('src/adapters/ledger/file-ledger.ts')}';
  import { emptyRecord } from '${sources.url('src/core/rollout/record.ts')}';
  const [path, name, count, keep] = process.argv.slice(1);
  const { signal } = new AbortController();
  const ledger = fileLedger({ path, environment: '${ENVIRONMENT}', service: '${SERVICE}', keep: Number(keep) });
  const draft = (note) => ({ at: 1, note, record: emptyRecord('${SERVICE}', '${ENVIRONMENT}') });
`;

/** Appends until it has won \`count\` times, and tells which revisions it was told to have won. */
const WRITER = `${PREAMBLE}
  const won = [];
  let newest = (await ledger.newest(signal))?.revision ?? 0;
  while (won.length < Number(count)) {
    const append = await ledger.append(newest, draft(name + ' ' + (newest + 1)), signal);
    newest = append.kind === 'appended' ? append.entry.revision : append.newest.revision;
    if (append.kind === 'appended' && won.push(newest) === 1) console.log('first');
  }
  console.log(JSON.stringify(won));`;

function program(script: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function wonBy(child: ChildProcess): Promise<number[]> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return JSON.parse(text.split('\n')[1] ?? 'null');
}

describe('many processes at one file ledger', () => {
  it.each([
    ['every entry is kept', 8, 1_000],
    ['old entries are swept meanwhile', 4, 10],
  ])('let exactly one of them win each revision and lose no entry while %s', async (_, writers, keep) => {
    const path = newRoot();
    const names = Array.from({ length: writers }, (_, index) => `writer-${index}`);
    const wins = await Promise.all(
      names.map((name) => wonBy(program(WRITER, path, name, '25', String(keep)))),
    );
    const all = Array.from({ length: writers * 25 }, (_, index) => index + 1);
    expect(wins.flat().sort((a, b) => a - b)).toEqual(all);

    const ledger = fileLedger({ path, environment: ENVIRONMENT, service: SERVICE, keep });
    const history = await ledger.history(1_000, signal);
    expect(history.map((entry) => entry.revision)).toEqual(all.toReversed().slice(0, keep));
    for (const { revision, note } of history) {
      const winner = names.find((_, index) => wins[index]?.includes(revision));
      expect(note).toBe(`${winner} ${revision}`);
    }
    expect(readdirSync(join(path, ENVIRONMENT, SERVICE)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a writer killed in the middle of its work', () => {
  it('leaves only whole entries, and the next one goes on', async () => {
    const path = newRoot();
    const directory = join(path, ENVIRONMENT, SERVICE);
    const ledger = fileLedger({ path, environment: ENVIRONMENT, service: SERVICE, keep: 10_000 });
    let drafts = 0;
    for (let round = 0; round < 8; round += 1) {
      const child = program(WRITER, path, `round-${round}`, '100000', '10000');
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
      child.kill('SIGKILL');
      await once(child, 'exit');

      const names = readdirSync(directory);
      drafts += names.filter((name) => name.startsWith('.')).length;
      for (const name of names.filter((name) => name.endsWith('.json'))) {
        expect([name, readEntry(readFileSync(join(directory, name), 'utf8')).ok]).toEqual([name, true]);
      }
      const newest = await ledger.newest(signal);
      expect(await ledger.append(newest?.revision ?? 0, draftOf('next'), signal)).toMatchObject({
        kind: 'appended',
      });
      expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
    }
    const revisions = (await ledger.history(10_000, signal)).map((entry) => entry.revision);
    expect(revisions).toEqual(revisions.map((_, index) => revisions.length - index));
    console.log(`killed 8 writers over ${revisions.length} entries; ${drafts} of them left a draft`);
  });
});

/** Mounts a small disk of its own, in a namespace of its own. */
const MOUNT = 'mount -t tmpfs -o size=128k none "$1" && shift && exec "$@"';

async function onSmallDisk(disk: string, argv: readonly string[]): ReturnType<typeof runCommand> {
  return runCommand({
    argv: ['unshare', '-rm', 'sh', '-c', MOUNT, 'sh', disk, ...argv],
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    timeout: 10_000,
    signal,
  });
}

const trial = await onSmallDisk(newRoot(), ['true']);
const canMount = trial.kind === 'exited' && trial.code === 0;

describe.skipIf(!canMount)(
  `a disk that takes no more${canMount ? '' : ' (skipped: needs unshare and mount)'}`,
  () => {
    it('fails the append, says whether to try again, leaves nothing behind and works once there is room', async () => {
      const script = `${PREAMBLE}
        import { execFileSync } from 'node:child_process';
        import { readdirSync, rmSync, writeFileSync } from 'node:fs';
        import { join } from 'node:path';
        const files = () => readdirSync(join(path, '${ENVIRONMENT}', '${SERVICE}'));
        const attempt = async (note) => {
          const newest = await ledger.newest(signal);
          const seen = await ledger.append(newest?.revision ?? 0, draft(note), signal)
            .then((append) => append.kind, ({ code, retryable, message }) => ({ code, retryable, message }));
          return { seen, files: files() };
        };
        const result = { first: await attempt('v1') };
        try { writeFileSync(join(path, 'ballast'), Buffer.alloc(256 * 1024)); } catch {}
        result.full = await attempt('v2');
        rmSync(join(path, 'ballast'));
        writeFileSync(join(path, 'ballast'), Buffer.alloc(64 * 1024));
        result.half = await attempt('x'.repeat(80 * 1024));
        result.again = await attempt('v2');
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'remount,ro', 'none', path]);
        result.readOnly = await attempt('v3');
        result.newest = (await ledger.newest(signal)).revision;
        console.log(JSON.stringify(result));`;
      const disk = newRoot();
      const outcome = await onSmallDisk(disk, [
        process.execPath,
        '--input-type=module',
        '-e',
        script,
        '--',
        disk,
        'w',
        '1',
        '200',
      ]);
      if (outcome.kind !== 'exited' || outcome.code !== 0) throw new Error(JSON.stringify(outcome));
      const result = JSON.parse(outcome.output);
      const one = ['000000000001.json'];
      const two = [...one, '000000000002.json'];
      expect(result.first).toEqual({ seen: 'appended', files: one });
      expect(result.full).toMatchObject({ seen: { code: 'io', retryable: true }, files: one });
      expect(result.full.seen.message).toContain('make room on its disk');
      expect(result.half).toMatchObject({ seen: { code: 'io', retryable: true }, files: one });
      expect(result.again.seen).toBe('appended');
      expect(result.again.files.sort()).toEqual(two);
      expect(result.readOnly.seen).toMatchObject({ code: 'io', retryable: false });
      expect(result.readOnly.files.sort()).toEqual(two);
      expect(result.newest).toBe(2);
    });
  },
);
