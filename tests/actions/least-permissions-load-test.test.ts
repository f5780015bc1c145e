import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS, leastFor } from '../../src/adapters/github/permission-table.ts';
import { githubForTest } from '../support/github/in-test.ts';
import { type LoadGates, loadGates } from '../support/load-gate.ts';
import { jtl } from '../support/load-report.ts';
import { jobEnv, REPOSITORY, seedRepository } from '../support/on-github.ts';
import type { Allowed } from '../support/operated-service.ts';
import { operationOf } from '../support/operations.ts';

let gates: LoadGates;
beforeAll(async () => {
  gates = await loadGates();
});
afterAll(() => gates.close());

const LEAST: Allowed = Object.fromEntries(
  leastFor([ACTIONS['load-test']]).map(({ key, level }) => [key, level]),
);

/** Green, and kept for the next one on a ref of the repository. */
const KEPT = `
reports: ['load/*.jtl']
normal: 4 rps
hold: 5s
version: off
min-requests: 100
accepted: { type: github }`;
const COMPARED = `${KEPT}\nregression: {}`;

/** Listed, and not met here. */
const RARE: Readonly<Record<string, string>> = {
  'git/get-blob': 'only a run of more than a megabyte is read by it',
};

async function onGitHub() {
  const github = await githubForTest();
  seedRepository(github);
  const gate = gates.open();
  const run = async (test: string, permissions: Allowed) => {
    gate.write('load/0.jtl', jtl({ startedAt: Date.now() - 10_000, seconds: 8, rate: 42 }));
    const env = Object.entries(jobEnv(github, { permissions }));
    return gate.run(test, Object.fromEntries(env.map(([name, value = '']) => [name, value])));
  };
  const refs = () => [...github.repository(REPOSITORY).refs.keys()].filter((ref) => ref.includes('load'));
  return { github, run, refs };
}

describe('load-test with accepted runs on GitHub', () => {
  it('does with exactly the permissions of its README all that it must, and asks for what is listed', async () => {
    const { github, run, refs } = await onGitHub();
    const first = await run(COMPARED, LEAST);
    expect([first.code, first.result?.keeping], first.log).toEqual([0, 'kept']);
    const second = await run(COMPARED, LEAST);
    expect([second.code, second.result?.keeping, second.result?.baseline?.revision]).toEqual([0, 'kept', 1]);
    expect(second.seen('regression')).toMatch(/^pass/);
    expect(second.log).not.toContain('permissions: {');
    expect(refs()).toHaveLength(1);
    const usual = (operations: readonly string[]): string[] =>
      [...new Set(operations)].filter((one) => RARE[one] === undefined).sort();
    const asked = github.requests().map(({ operationId }) => operationId ?? 'none');
    expect(usual(asked)).toEqual(usual(ACTIONS['load-test'].routes.map(operationOf)));
    expect(github.violations(), 'what GitHub does not describe').toEqual([]);
  });

  it.each([
    ['nothing', {}, 'read'],
    ['only read', { contents: 'read' }, 'write'],
  ] as const)(
    'with %s left of contents says how the load went, names it, and keeps nothing',
    async (_, left, missing) => {
      const { run, refs } = await onGitHub();
      const end = await run(KEPT, left);
      expect([end.code, end.outputs.verdict, end.seen('load')], end.log).toEqual([
        0,
        'pass',
        expect.stringMatching(/^pass/),
      ]);
      expect(end.result).toMatchObject({ keeping: 'failed', baseline: null });
      const named = `permissions: { contents: ${missing} }`;
      expect(end.result?.unkept).toContain(named);
      expect(end.log).toMatch(
        new RegExp(`^::warning.*this run was not kept as accepted.*contents: ${missing}`, 'm'),
      );
      expect(refs()).toEqual([]);
    },
  );

  it('without contents is not open where the last accepted run must be asked; the load itself is still judged', async () => {
    const { run, refs } = await onGitHub();
    expect((await run(COMPARED, LEAST)).code).toBe(0);
    const end = await run(COMPARED, {});
    expect([end.code, end.failed, end.outputs.verdict], end.log).toEqual([1, ['regression'], 'inconclusive']);
    expect(end.seen('regression')).toMatch(/^error: .*permissions: \{ contents: read \}/);
    expect(end.seen('load')).toMatch(/^pass/);
    expect(end.seen('latency-p95')).toMatch(/^pass/);
    expect(end.result).toMatchObject({ keeping: 'not-kept', unkept: null });
    expect(refs()).toHaveLength(1);
  });
});
