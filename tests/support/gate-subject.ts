import type { Subject } from '../../src/core/checks/gate-result.ts';

export const SHA = '1'.repeat(40);
export const OTHER_SHA = '2'.repeat(40);

/** A run that asks a checklist. */
export const subject: Subject = {
  sha: SHA,
  ref: 'refs/heads/main',
  environment: 'production',
  version: 'v1.4.0',
  actor: 'ada',
  runId: 900,
  checkRunId: 77,
  job: 'preflight',
  now: Date.parse('2026-11-23T12:00:00Z'),
  override: null,
};
