import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { askingsOf, leastFor } from '../../src/adapters/github/permission-table.ts';
import { shineChecklists } from '../../tools/permission-files.ts';
import { isRun } from '../support/exhaustive.ts';
import { lanes } from '../support/lanes.ts';
import type { Allowed } from '../support/operated-service.ts';
import { operationOf } from '../support/operations.ts';
import { openShine, type ShineRepository } from '../support/shine-repository.ts';
import { type StepTold, sourceActions } from '../support/source-action.ts';

// Most of it is waiting in a lane.
vi.setConfig({ testTimeout: 280_000 });
const inTurn = lanes(4);

const actions = await sourceActions({ 'preflight/main': ['src/actions/preflight.ts', 'preflightMain'] });
let shine: ShineRepository;
beforeAll(async () => {
  shine = await openShine(actions);
});
afterAll(async () => {
  await shine.close();
  actions.remove();
  expect(shine.github.violations(), 'what GitHub does not describe').toEqual([]);
});

type Checklist = 'staging' | 'production';
const LISTS = ['staging', 'production'] as const;

const askingsIn = (checklist: Checklist) =>
  (shineChecklists()[checklist] ?? []).flatMap((entry) => askingsOf({ ...entry, ledger: 'file' }));
const least = (checklist: Checklist): Allowed =>
  Object.fromEntries(leastFor(askingsIn(checklist)).map(({ key, level }) => [key, level]));

const told = z.object({
  findings: z.array(z.object({ check: z.string(), status: z.string(), observed: z.string() })),
});
const findingsOf = ({ outputs }: StepTold) => told.parse(JSON.parse(outputs.result ?? '')).findings;

describe('preflight with exactly the permissions of its README', () => {
  it.each(LISTS)(
    'finds the %s checklist of the SHINE example green, and asks for what is listed',
    async (checklist) => {
      const before = shine.github.requests().length;
      const step = await shine.preflight(checklist, { permissions: least(checklist) });
      const seen = findingsOf(step).map(({ check, status, observed }) => [check, status, observed]);
      // Whether today is a day without deployments is told as a warning, and asked of nobody.
      const unhappy = seen.filter(([check, status]) => status !== 'pass' && check !== 'freeze');
      expect(unhappy).toEqual([]);
      expect(step.code).toBe(0);
      const asked = shine.github.requests().slice(before);
      expect(asked.filter(({ method, path }) => method !== 'GET' && path !== '/graphql')).toEqual([]);
      const listed = new Set(askingsIn(checklist).flatMap(({ routes }) => routes.map(operationOf)));
      expect(asked.map(({ operationId }) => operationId ?? 'none').filter((one) => !listed.has(one))).toEqual(
        [],
      );
    },
  );
});

const LESS = LISTS.flatMap((checklist) =>
  leastFor(askingsIn(checklist)).map(({ key: missing }) => ({ checklist, missing })),
).filter((_, place) => isRun(place));

describe.concurrent('preflight with one permission taken away', () => {
  it.each(LESS)(
    '$checklist without $missing: the checks that need it are errors that name it, the others are asked',
    async ({ checklist, missing }) => {
      const { [missing]: _, ...permissions } = least(checklist);
      const step = await inTurn(() => shine.preflight(checklist, { permissions }));
      const needing = new Set(
        askingsIn(checklist)
          .filter((asking) => leastFor([asking]).some(({ key }) => key === missing))
          .map(({ name }) => name),
      );
      expect(needing.size).toBeGreaterThan(0);
      for (const { check, status, observed } of findingsOf(step)) {
        if (!needing.has(check)) expect([check, 'pass', 'warn']).toContain(status);
        else expect([check, observed]).toEqual([check, expect.stringContaining(`${missing}: read`)]);
      }
      // The calendar and the incidents only warn.
      const blocks = [...needing].some((check) => check !== 'freeze');
      expect([step.code, step.outputs.verdict === 'pass']).toEqual([blocks ? 1 : 0, !blocks]);
      expect(step.summary).toContain(`${missing}: read`);
    },
  );
});
