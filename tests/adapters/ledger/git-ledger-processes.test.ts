import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { gitLedger } from '../../../src/adapters/ledger/git-ledger.ts';
import { ENVIRONMENT } from '../../contract/ledger.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, jobEnv, seedRepository } from '../../support/on-github.ts';
import { compileSources } from '../runner/compiled-sources.ts';

const sources = await compileSources(
  'src/adapters/ledger/git-ledger.ts',
  'src/adapters/github/client.ts',
  'src/adapters/runner/clock.ts',
  'src/core/rollout/record.ts',
);
afterAll(() => sources.remove());

/** Reads how often to win, and of which service; tells which revisions it was told to have won. */
const WRITER = `
  import { createInterface } from 'node:readline';
  import { gitLedger } from '${sources.url('src/adapters/ledger/git-ledger.ts')}';
  import { createGitHub } from '${sources.url('src/adapters/github/client.ts')}';
  import { systemClock } from '${sources.url('src/adapters/runner/clock.ts')}';
  import { emptyRecord } from '${sources.url('src/core/rollout/record.ts')}';
  const [name] = process.argv.slice(1);
  const { signal } = new AbortController();
  const forge = createGitHub({ env: process.env, clock: systemClock, mask: () => undefined });
  const draft = (service, note) => ({ at: 1, note, record: emptyRecord(service, '${ENVIRONMENT}') });
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const [service, most] = line.split(' ');
    const ledger = gitLedger({ forge, environment: '${ENVIRONMENT}', service });
    const won = [];
    for (let newest = 0; newest < Number(most); ) {
      const append = await ledger.append(newest, draft(service, name + ' ' + (newest + 1)), signal);
      newest = append.kind === 'appended' ? append.entry.revision : append.newest.revision;
      if (append.kind === 'appended') won.push(newest);
    }
    console.log(JSON.stringify(won));
  }`;

interface Writer {
  readonly name: string;
  /** Lets it write until the ledger of the service is so long; resolves with the revisions that it has won. */
  readonly write: (service: string, most: number) => Promise<number[]>;
}

async function writerOf(name: string, env: NodeJS.ProcessEnv): Promise<Writer> {
  const argv = ['--input-type=module', '-e', WRITER, '--', name];
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: [...stdio] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('expected pipes to the writer');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  await line();
  const write = async (service: string, most: number): Promise<number[]> => {
    stdin.write(`${service} ${most}\n`);
    return JSON.parse(await line());
  };
  return { name, write };
}

describe('several runners at one git ledger', () => {
  it.each([
    ['first entry', 3, 1, 20],
    ['entry after entry', 3, 15, 2],
  ])('that race for the %s: exactly one wins each, and none is lost', async (_, count, most, rounds) => {
    const github = await githubForTest();
    seedRepository(github);
    const names = Array.from({ length: count }, (_, index) => `runner-${index}`);
    const writers = await Promise.all(names.map((name) => writerOf(name, jobEnv(github))));
    const all = Array.from({ length: most }, (_, index) => index + 1);
    for (let round = 0; round < rounds; round += 1) {
      const service = `service-${round}`;
      const wins = await Promise.all(writers.map((writer) => writer.write(service, most)));
      expect(wins.flat().sort((a, b) => a - b)).toEqual(all);
      const ledger = gitLedger({ forge: forgeOn(github), environment: ENVIRONMENT, service });
      const history = await ledger.history(1_000, new AbortController().signal);
      expect(history.map(({ revision }) => revision)).toEqual(all.toReversed());
      for (const { revision, note } of history) {
        expect(note).toBe(`${names.find((_, index) => wins[index]?.includes(revision))} ${revision}`);
      }
    }
  });
});
