import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import type { Command } from '../../../src/ports/command-runner.ts';

const never = new AbortController().signal;
const left: number[] = [];

function node(script: string, changes: Partial<Command> = {}): Command {
  return {
    argv: [process.execPath, '-e', script],
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    timeout: 15_000,
    signal: never,
    ...changes,
  };
}

/** A zombie that the container's init has not reaped yet is dead as well. */
async function isRunning(pid: number): Promise<boolean> {
  const state = existsSync('/proc/self/stat') ? stateByProc(pid) : await stateByPs(pid);
  return state !== '' && !state.startsWith('Z');
}

/** One letter, after the name in brackets; a small machine has no ps. */
function stateByProc(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
  } catch {
    return '';
  }
}

async function stateByPs(pid: number): Promise<string> {
  const argv = ['ps', '-o', 'stat=', '-p', String(pid)];
  return expectExit(await runCommand({ ...node(''), argv })).output.trim();
}

function expectExit(outcome: Awaited<ReturnType<typeof runCommand>>): { code: number; output: string } {
  if (outcome.kind !== 'exited') throw new Error(`expected an exit, got ${JSON.stringify(outcome)}`);
  return outcome;
}

/** A shell-like tree: the program starts a child that ignores SIGTERM, prints its pid and waits. */
const STUBBORN_FAMILY = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); console.log('child', process.pid); setInterval(() => {}, 1000)"],
    { stdio: ['ignore', 'inherit', 'inherit'] });
  setInterval(() => {}, 1000);
`;

afterAll(() => {
  for (const pid of left.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it is gone, as it should be
    }
  }
});

describe('running a command', () => {
  it('tells the exit code and what was printed on both streams', async () => {
    const outcome = await runCommand(node("console.log('out'); console.error('err'); process.exitCode = 3"));
    expect(outcome).toMatchObject({ kind: 'exited', code: 3, heldOutput: false });
    expect(expectExit(outcome).output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('gives each line as it comes, with its stream, and a last line that has no end', async () => {
    const lines: string[] = [];
    await runCommand(
      node("process.stdout.write('one\\r\\ntwo\\n\\nthree'); process.stderr.write('oops\\n')", {
        onLine: (line, stream) => lines.push(`${stream}: ${line}`),
      }),
    );
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual([
      'stdout: one',
      'stdout: two',
      'stdout: ',
      'stdout: three',
    ]);
    expect(lines).toContain('stderr: oops');
  });

  it('gives a line long before the command ends', async () => {
    const stop = new AbortController();
    const outcome = await runCommand(
      node("console.log('early'); setInterval(() => {}, 1000)", {
        signal: stop.signal,
        onLine: () => stop.abort(),
      }),
    );
    expect(outcome).toEqual({ kind: 'aborted', output: 'early\n' });
  });

  it('does not tear a character that comes in two pieces', async () => {
    const script =
      "const b = Buffer.from('ä€\\n'); process.stdout.write(b.subarray(0, 1)); setTimeout(() => process.stdout.write(b.subarray(1, 3)), 60); setTimeout(() => process.stdout.write(b.subarray(3)), 120)";
    expect(expectExit(await runCommand(node(script))).output).toBe('ä€\n');
  });

  it('keeps only the newest output when there is much of it', async () => {
    const script = "for (let i = 0; i < 20000; i++) console.log('line ' + i)";
    const { output } = expectExit(await runCommand(node(script, { maxOutput: 100 })));
    expect(output).toHaveLength(100);
    expect(output.endsWith('line 19998\nline 19999\n')).toBe(true);
  });

  it('gives a line without an end in pieces instead of gathering it', async () => {
    let longest = 0;
    let all = 0;
    await runCommand(
      node("process.stdout.write('x'.repeat(5_000_000))", {
        onLine: (line) => {
          longest = Math.max(longest, line.length);
          all += line.length;
        },
      }),
    );
    expect(all).toBe(5_000_000);
    expect(longest).toBeLessThanOrEqual(16_384);
  });

  it('passes arguments as they are, since no shell reads them', async () => {
    const odd = ['$(id)', '; echo no', '"', "'", '*', 'a b', ''];
    const outcome = await runCommand({
      ...node(''),
      argv: [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...odd],
    });
    expect(JSON.parse(expectExit(outcome).output)).toEqual(odd);
  });

  it('shows the program only the environment it is given', async () => {
    process.env.DEPLOY_CANARY_TEST_SECRET = 'hidden';
    const outcome = await runCommand(
      node('console.log(JSON.stringify(Object.keys(process.env).sort()))', {
        env: { PATH: '/bin', SHOWN: '1' },
      }),
    );
    delete process.env.DEPLOY_CANARY_TEST_SECRET;
    expect(JSON.parse(expectExit(outcome).output)).toEqual(['PATH', 'SHOWN']);
  });

  it('says which signal ended a program that was killed from outside', async () => {
    expect(await runCommand(node("process.kill(process.pid, 'SIGKILL')"))).toEqual({
      kind: 'killed',
      signal: 'SIGKILL',
      output: '',
    });
  });

  it('says so when there is no such program, no such directory, or a file that is not executable', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spawn-'));
    const file = join(dir, 'plain.txt');
    writeFileSync(file, 'text', { mode: 0o644 });
    const missing = await runCommand({ ...node(''), argv: ['no-such-program-here'] });
    expect(missing).toEqual({
      kind: 'not-found',
      why: expect.stringContaining('there is no program no-such-program-here'),
    });
    const nowhere = await runCommand({ ...node(''), cwd: join(dir, 'nowhere') });
    expect(nowhere).toEqual({
      kind: 'not-found',
      why: `its directory ${join(dir, 'nowhere')} does not exist`,
    });
    const plain = await runCommand({ ...node(''), argv: [file] });
    expect(plain).toEqual({
      kind: 'not-found',
      why: `there is no program ${file} that this user may execute`,
    });
    expect(await runCommand({ ...node(''), argv: [] })).toMatchObject({ kind: 'not-found' });
    expect(await runCommand({ ...node(''), argv: ['node', 'nul\0byte'] })).toMatchObject({
      kind: 'not-found',
    });
  });
});

describe.concurrent('ending a command', () => {
  it('starts nothing when the signal was aborted before', async () => {
    const outcome = await runCommand(
      node("require('fs').writeSync(1, 'ran')", { signal: AbortSignal.abort() }),
    );
    expect(outcome).toEqual({ kind: 'aborted', output: '' });
  });

  it('lets a program that hears SIGTERM say goodbye', async () => {
    const script =
      "process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); console.log('up'); setInterval(() => {}, 1000)";
    const stop = new AbortController();
    const before = performance.now();
    const outcome = await runCommand(node(script, { signal: stop.signal, onLine: () => stop.abort() }));
    expect(outcome).toEqual({ kind: 'aborted', output: 'up\nbye\n' });
    expect(performance.now() - before).toBeLessThan(1_900);
  });

  it('ends the whole family on abort, even a grandchild that ignores SIGTERM', async () => {
    const stop = new AbortController();
    let grandchild = 0;
    const outcome = await runCommand(
      node(STUBBORN_FAMILY, {
        signal: stop.signal,
        onLine: (line) => {
          grandchild = Number(line.split(' ')[1]);
          left.push(grandchild);
          stop.abort();
        },
      }),
    );
    expect(outcome.kind).toBe('aborted');
    expect(grandchild).toBeGreaterThan(0);
    expect(await isRunning(grandchild)).toBe(false);
  });

  it('ends the whole family when its time is over', async () => {
    let grandchild = 0;
    const before = performance.now();
    const outcome = await runCommand(
      node(STUBBORN_FAMILY, {
        timeout: 1_200,
        onLine: (line) => {
          grandchild = Number(line.split(' ')[1]);
          left.push(grandchild);
        },
      }),
    );
    expect(outcome.kind).toBe('timed-out');
    expect(performance.now() - before).toBeLessThan(1_200 + 2_000 + 500 + 1_000);
    expect(grandchild).toBeGreaterThan(0);
    expect(await isRunning(grandchild)).toBe(false);
  });

  it('ends a stopped program, which cannot hear SIGTERM', async () => {
    const before = performance.now();
    const outcome = await runCommand(
      node("console.log('up'); process.kill(process.pid, 'SIGSTOP')", { timeout: 400 }),
    );
    expect(outcome).toEqual({ kind: 'timed-out', output: 'up\n' });
    expect(performance.now() - before).toBeLessThan(4_000);
  });

  it('keeps what was printed last, a line without an end included, when time is over', async () => {
    const outcome = await runCommand(
      node("process.stdout.write('half a line'); setInterval(() => {}, 1000)", { timeout: 1_200 }),
    );
    expect(outcome).toEqual({ kind: 'timed-out', output: 'half a line\n' });
  });
});

describe('a service that a command leaves running', () => {
  const daemon = (stdio: string): string => `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: '${stdio}' });
    console.log(child.pid);
    child.unref();
  `;

  it('lives on after the command has ended by itself', async () => {
    const outcome = await runCommand(node(daemon('ignore')));
    const { output } = expectExit(outcome);
    left.push(Number(output));
    expect(outcome).toMatchObject({ kind: 'exited', code: 0, heldOutput: false });
    expect(await isRunning(Number(output))).toBe(true);
  });

  it('does not keep the command open by holding its output, and is told of', async () => {
    const before = performance.now();
    const outcome = await runCommand(node(daemon('inherit')));
    left.push(Number(expectExit(outcome).output));
    expect(outcome).toMatchObject({ kind: 'exited', code: 0, heldOutput: true });
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
