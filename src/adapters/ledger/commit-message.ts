import { randomUUID } from 'node:crypto';
import type { Rollout } from '../../core/rollout/record.ts';
import type { LedgerEntry } from '../../ports/ledger.ts';

/**
 * The entry as a commit tells it to people: what happened in the subject, who and why in the body. The last
 * trailer makes every commit its own, so that two writers of the same words are never taken for one.
 */
export function commitMessage({ revision, note, record }: LedgerEntry): string {
  const { rollout } = record;
  const subject = rollout === null ? note : `rollout ${rollout.id}: ${standing(rollout)}`;
  const trailers = [`Service: ${record.service}`, `Environment: ${record.environment}`];
  return [
    oneLine(subject, 72),
    '',
    oneLine(note, 2_000),
    '',
    ...trailers,
    `Revision: ${revision}`,
    `Write: ${randomUUID()}`,
    '',
  ].join('\n');
}

function standing({ phase, canary, plan }: Rollout): string {
  switch (phase.name) {
    case 'shifting':
      return `shifting to ${weightOf(plan, phase.step)}`;
    case 'baking':
      return `baking at ${weightOf(plan, phase.step)}`;
    case 'parked':
      return `parked at ${weightOf(plan, phase.step)}`;
    case 'catching-up':
      return `looking at what was parked at ${weightOf(plan, phase.step)}`;
    case 'deploying':
      return `deploying ${canary.version}`;
    case 'settling':
      return `settling on ${canary.version}`;
    case 'verifying':
      return `verifying ${canary.version}`;
    case 'aborting':
      return 'aborting, traffic is going home';
    case 'confirming':
      return 'traffic is home, verifying';
    case 'promoted':
      return `promoted ${canary.version}`;
    case 'restored':
      return `restored ${canary.version}`;
    case 'aborted':
      return `aborted ${canary.version}`;
  }
}

function weightOf(plan: Rollout['plan'], step: number): string {
  return `${plan.steps[step]?.weight ?? 0} %`;
}

function oneLine(text: string, longest: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim() || '(no words)';
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
