import type { RolloutEventType } from '../rollout/events.ts';
import type { Rollout } from '../rollout/record.ts';
import { weightAsked } from './happening.ts';
import { oneLine } from './plain-text.ts';
import { earlyWords } from './step-rows.ts';
import { formatPercent, shortVersion } from './words.ts';

/** What has just happened to a rollout, in one line; `rollout` is as it is afterwards. */
export function describeMove(event: RolloutEventType, rollout: Rollout): string {
  switch (event) {
    case 'started':
      return `Started ${shortVersion(rollout.canary.version)}, driven by ${oneLine(rollout.owner.name)}`;
    case 'rollback-started':
      return `Rollback to ${shortVersion(rollout.canary.version)} asked for by ${oneLine(rollout.requestedBy ?? rollout.owner.name)}`;
    case 'resumed':
      return `Taken over by ${oneLine(rollout.owner.name)} while ${rollout.phase.name}`;
    case 'deployed':
      return `${shortVersion(rollout.canary.version)} runs in slot ${rollout.canary.slot}, healthy`;
    case 'shifted':
      return `${formatPercent(weightAsked(rollout))} of traffic is on the new version, read back`;
    case 'ticked':
      return describeStepEnd(rollout);
    case 'parked':
      return `Parked${parkedUntil(rollout)}; progress saved`;
    case 'caught-up':
      return 'Everything that nobody watched has been looked at';
    case 'lease-lapsed':
      return 'The router’s lease ran out: traffic went back to stable by itself';
    case 'deploy-failed':
    case 'shift-failed':
    case 'abort-requested':
      return `Going back: ${whyOf(rollout)}`;
    case 'settled':
      return 'All traffic is on the new version, read back';
    case 'came-home':
      return 'All traffic is back on stable, read back';
    case 'verified':
      return describeEnd(rollout);
    case 'told':
      return 'People were told';
  }
}

function parkedUntil({ phase }: Rollout): string {
  return phase.name === 'parked' ? ` until ${new Date(phase.wakeAt).toISOString().slice(11, 19)} UTC` : '';
}

function describeStepEnd(rollout: Rollout): string {
  const { phase, plan } = rollout;
  if (phase.name === 'aborting') return `Going back: ${whyOf(rollout)}`;
  if (phase.name === 'settling') return 'Every step passed; all traffic goes to the new version for good';
  if (phase.name !== 'shifting') return 'Still watching; progress saved';
  const passed = plan.steps[phase.step - 1];
  const next = formatPercent(weightAsked(rollout));
  if (passed === undefined) return `Going to ${next}`;
  const served = rollout.steps[phase.step - 1]?.servedMs ?? passed.bake;
  const how = served < passed.bake ? earlyWords(served) : 'passed';
  return `${formatPercent(passed.weight)} ${how}; going to ${next}`;
}

function describeEnd(rollout: Rollout): string {
  const outcome = rollout.verification?.outcome ?? 'not-done';
  const checked = {
    pass: 'checked and well',
    fail: 'checked, and not well',
    'not-done': 'could not be checked',
  };
  const serving = `what serves now was ${checked[outcome]}`;
  switch (rollout.phase.name) {
    case 'promoted':
      return `Promoted ${shortVersion(rollout.canary.version)}; ${serving}`;
    case 'restored':
      return `Restored ${shortVersion(rollout.canary.version)}; ${serving}`;
    case 'aborted':
      return `Ended; ${serving}`;
    case 'aborting':
      return `Going back: ${whyOf(rollout)}`;
    case 'deploying':
    case 'shifting':
    case 'baking':
    case 'parked':
    case 'catching-up':
    case 'settling':
    case 'verifying':
    case 'confirming':
      return `Now ${rollout.phase.name}; ${serving}`;
  }
}

function whyOf(rollout: Rollout): string {
  return oneLine(rollout.reason?.message ?? 'no reason was given');
}
