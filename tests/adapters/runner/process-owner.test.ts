import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { processProbe, thisProcess } from '../../../src/adapters/runner/process-owner.ts';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import type { Owner } from '../../../src/core/rollout/record.ts';
import { compileSources } from './compiled-sources.ts';

const { signal } = new AbortController();
const onLinux = existsSync('/proc/self/stat');
const noProc = join(mkdtempSync(join(tmpdir(), 'proc-')), 'none');
const hasPs = (await runCommand(command(['ps', '-o', 'lstart=', '-p', '1']))).kind === 'exited';
const sources = await compileSources('src/adapters/runner/process-owner.ts');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => sources.remove());

function command(argv: readonly string[]): Parameters<typeof runCommand>[0] {
  return { argv, cwd: tmpdir(), env: { PATH: process.env.PATH ?? '' }, timeout: 5_000, signal };
}

interface Program {
  readonly owner: Owner;
  readonly child: ChildProcess;
  readonly gone: Promise<void>;
}

/** A real program that says who it is and then waits. */
async function program(proc: string = '/proc'): Promise<Program> {
  const script = `
    import { thisProcess } from '${sources.url('src/adapters/runner/process-owner.ts')}';
    console.log(JSON.stringify(thisProcess({}, ${JSON.stringify(proc)})));
    setInterval(() => {}, 1000);`;
  const child = run(script);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { owner: await ownerPrintedBy(child), child, gone };
}

/** A real program that waits, with a parent of its own, which is the child returned. */
async function parent(): Promise<Omit<Program, 'gone'>> {
  const child = run(`
    import { spawn } from 'node:child_process';
    const waiting = \`
      import { thisProcess } from '${sources.url('src/adapters/runner/process-owner.ts')}';
      console.log(JSON.stringify(thisProcess({})));
      setInterval(() => {}, 1000);\`;
    spawn(process.execPath, ['--input-type=module', '-e', waiting], { stdio: 'inherit' });`);
  return { owner: await ownerPrintedBy(child), child };
}

function run(script: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function ownerPrintedBy(child: ChildProcess): Promise<Owner> {
  const text = await new Promise<string>((resolve) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk)));
  });
  return JSON.parse(text);
}

describe('saying who drives a rollout', () => {
  it('names the workflow run, its attempt and its job, and links to it', () => {
    const owner = thisProcess({
      GITHUB_RUN_ID: '9001',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_JOB: 'canary',
      GITHUB_ACTOR: 'octocat',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'shine/booking',
    });
    expect(owner).toMatchObject({
      kind: 'github-run',
      runId: '9001',
      name: 'octocat',
      url: 'https://github.com/shine/booking/actions/runs/9001/attempts/2',
      host: hostname(),
      pid: process.pid,
    });
    expect(owner.id).toMatch(/^9001-2-canary-[0-9a-f]{8}$/);
  });

  it('names the program and its user where there is no workflow run', () => {
    const owner = thisProcess({ GITHUB_RUN_ID: '' });
    expect(owner).toMatchObject({ kind: 'process', runId: owner.id, pid: process.pid });
    expect(owner.name).not.toBe('');
    expect('url' in owner).toBe(false);
  });

  it('gives two starts of the same program two names', () => {
    expect(thisProcess({}).id).not.toBe(thisProcess({}).id);
    expect(thisProcess({ GITHUB_RUN_ID: '1' }).id).not.toBe(thisProcess({ GITHUB_RUN_ID: '1' }).id);
  });
});

function behavesLikeAProbe(proc: string): void {
  const probe = processProbe(proc);

  it('finds a running program alive and an ended one dead', async () => {
    const { owner, child, gone } = await program(proc);
    expect(await probe.isAlive(owner, signal)).toBe('alive');
    child.kill('SIGKILL');
    await gone;
    expect(await probe.isAlive(owner, signal)).toBe('dead');
  });

  it('finds a program that is stopped, but not ended, alive', async () => {
    const { owner, child } = await program(proc);
    child.kill('SIGSTOP');
    expect(await probe.isAlive(owner, signal)).toBe('alive');
  });

  it('is not fooled by another program that got the same pid', async () => {
    const { owner } = await program(proc);
    const earlier = { ...owner, processStart: owner.processStart.replace(/[^|\s]+$/, '17') };
    expect(await probe.isAlive(earlier, signal)).toBe('dead');
  });

  it('does not answer for another host', async () => {
    const { owner } = await program(proc);
    expect(await probe.isAlive({ ...owner, host: `not-${owner.host}` }, signal)).toBe('unknown');
  });

  it('does not answer for an owner whose start it cannot read', async () => {
    const { owner } = await program(proc);
    expect(await probe.isAlive({ ...owner, processStart: 'unknown' }, signal)).toBe('unknown');
  });
}

describe.skipIf(!onLinux)(
  `asking the kernel about an owner${onLinux ? '' : ' (skipped: needs /proc)'}`,
  () => {
    behavesLikeAProbe('/proc');
    const probe = processProbe();

    it('counts a zombie as dead', async () => {
      const { owner, child } = await parent();
      // A parent that is stopped does not reap.
      child.kill('SIGSTOP');
      process.kill(owner.pid, 'SIGKILL');
      const stat = (): string => readFileSync(`/proc/${owner.pid}/stat`, 'utf8');
      await expect.poll(() => stat().slice(stat().lastIndexOf(')') + 2)[0]).toBe('Z');
      expect(await probe.isAlive(owner, signal)).toBe('dead');
    });

    it('knows that no program outlives a restart of its own machine', async () => {
      const me = thisProcess({});
      const [source, , ...rest] = me.processStart.split('|');
      const before = { ...me, processStart: [source, 'another-boot', ...rest].join('|') };
      expect(await probe.isAlive(before, signal)).toBe('dead');
    });

    it('does not answer for a job of a machine that only has the same name, as hosted runners do', async () => {
      const me = thisProcess({ GITHUB_RUN_ID: '9001' });
      const [source, , ...rest] = me.processStart.split('|');
      const elsewhere = { ...me, processStart: [source, 'another-boot', ...rest].join('|') };
      expect(await probe.isAlive(elsewhere, signal)).toBe('unknown');
    });

    it('does not answer for another container on the same machine', async () => {
      const me = thisProcess({});
      const [source, boot, , ticks] = me.processStart.split('|');
      const elsewhere = { ...me, processStart: [source, boot, 'pid:[1]', ticks].join('|') };
      expect(await probe.isAlive(elsewhere, signal)).toBe('unknown');
    });
  },
);

describe.skipIf(!hasPs)(`asking ps where there is no /proc${hasPs ? '' : ' (skipped: needs ps)'}`, () => {
  behavesLikeAProbe(noProc);
});
