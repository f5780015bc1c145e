import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Finding, verdictOf } from '../../src/core/checks/finding.ts';
import type { Slot } from '../../src/core/rollout/record.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import type { DeployTarget } from '../../src/ports/deploy-target.ts';

/** Two empty slots. Health must be given up within a few seconds. */
export interface TargetHarness {
  readonly target: DeployTarget;
  /** The version that answers in a slot, asked without the target; null when nothing answers. */
  readonly running: (slot: Slot) => Promise<string | null>;
  /** How often the target has really started something. */
  readonly starts: () => number;
  /** Lets what runs in a slot answer, but as ill. */
  readonly sicken: (slot: Slot) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every deploy target must do, whatever it runs versions on. */
export function describeDeployTarget(name: string, make: () => Promise<TargetHarness>): void {
  describe(`${name} as a deploy target`, () => {
    const { signal } = new AbortController();
    let harness: TargetHarness;
    let target: DeployTarget;

    beforeEach(async () => {
      harness = await make();
      target = harness.target;
    });
    afterEach(() => harness.close());

    const statuses = (findings: readonly Finding[]): Record<string, string> =>
      Object.fromEntries(findings.map((finding) => [finding.check, finding.status]));

    it('makes a version run in its slot, and finds it healthy there', async () => {
      expect(await target.deploy({ slot: 'a', version: '1.0.0' }, signal)).toBe('started');
      const findings = await target.health({ slot: 'a', version: '1.0.0' }, signal);
      expect(statuses(findings)).toMatchObject({ health: 'pass', version: 'pass' });
      expect(findings.every((finding) => finding.status === 'pass')).toBe(true);
      expect(await harness.running('a')).toBe('1.0.0');
      expect(await harness.running('b')).toBeNull();
    });

    it('asks each question once and tells what it saw, what was right and how long it took', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      const findings = await target.health({ slot: 'a', version: '1.0.0' }, signal);
      expect(new Set(findings.map((finding) => finding.check)).size).toBe(findings.length);
      for (const finding of findings) {
        expect([finding.title, finding.observed, finding.expected]).not.toContain('');
        expect(finding.durationMs).toBeGreaterThanOrEqual(0);
      }
    });

    it('does not start a version again that already runs', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      await target.health({ slot: 'a', version: '1.0.0' }, signal);
      expect(await target.deploy({ slot: 'a', version: '1.0.0' }, signal)).toBe('already-running');
      expect(harness.starts()).toBe(1);
    });

    it('starts a version again that runs but is ill', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      await target.health({ slot: 'a', version: '1.0.0' }, signal);
      await harness.sicken('a');
      expect(await target.deploy({ slot: 'a', version: '1.0.0' }, signal)).toBe('started');
      expect(verdictOf(await target.health({ slot: 'a', version: '1.0.0' }, signal))).toBe('pass');
    });

    it('puts a new version in the place of the old one, and leaves the other slot alone', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      await target.deploy({ slot: 'b', version: '1.0.0' }, signal);
      await target.health({ slot: 'b', version: '1.0.0' }, signal);
      expect(await target.deploy({ slot: 'b', version: '2.0.0' }, signal)).toBe('started');
      expect(verdictOf(await target.health({ slot: 'b', version: '2.0.0' }, signal))).toBe('pass');
      expect(verdictOf(await target.health({ slot: 'a', version: '1.0.0' }, signal))).toBe('pass');
    });

    it('names both versions when another one answers', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      await target.health({ slot: 'a', version: '1.0.0' }, signal);
      const findings = await target.health({ slot: 'a', version: '2.0.0' }, signal);
      expect(verdictOf(findings)).toBe('fail');
      expect(findings.find((finding) => finding.check === 'version')).toMatchObject({
        status: 'fail',
        observed: '1.0.0',
        expected: '2.0.0',
      });
    });

    it('finds an ill version ill', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      await target.health({ slot: 'a', version: '1.0.0' }, signal);
      await harness.sicken('a');
      const findings = await target.health({ slot: 'a', version: '1.0.0' }, signal);
      expect(statuses(findings)).toMatchObject({ health: 'fail' });
    });

    it('finds nothing healthy in an empty slot', async () => {
      const findings = await target.health({ slot: 'b', version: '1.0.0' }, signal);
      expect(verdictOf(findings)).toBe('fail');
      expect(findings.some((finding) => finding.status === 'pass')).toBe(false);
    });

    it('empties a slot, twice if need be, and leaves the other one alone', async () => {
      await target.deploy({ slot: 'a', version: '1.0.0' }, signal);
      await target.deploy({ slot: 'b', version: '2.0.0' }, signal);
      await target.health({ slot: 'a', version: '1.0.0' }, signal);
      await target.health({ slot: 'b', version: '2.0.0' }, signal);
      await target.stop('b', signal);
      await target.stop('b', signal);
      expect(await harness.running('b')).toBeNull();
      expect(await harness.running('a')).toBe('1.0.0');
    });

    it('stops asking at once when it is told to, and calls nothing healthy that it has not seen', async () => {
      const stop = new AbortController();
      const asked = target.health({ slot: 'b', version: '1.0.0' }, stop.signal);
      const began = performance.now();
      stop.abort();
      const findings = await asked;
      expect(performance.now() - began).toBeLessThan(1_000);
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.some((finding) => finding.status === 'pass')).toBe(false);
    });

    it('deploys nothing once it was told to stop', async () => {
      const deployed = target.deploy({ slot: 'a', version: '1.0.0' }, AbortSignal.abort());
      await expect(deployed).rejects.toBeInstanceOf(AdapterError);
      expect(harness.starts()).toBe(0);
    });
  });
}
