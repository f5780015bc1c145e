import type { ReasonCode } from '../rollout/reason.ts';

/** What a person should do now, by the reason of the end: one line or two. */
export const NEXT_STEPS: Readonly<Record<ReasonCode, readonly [string] | readonly [string, string]>> = {
  promoted: [
    'Nothing. The version before it stays ready in the other slot: a rollback is one shift of traffic.',
  ],
  'first-deployment': ['Nothing. From the next version on there is a stable one to compare with.'],
  restored: [
    'Find out what was wrong with the version that was taken back; it is rejected until staging has passed anew.',
  ],
  'nothing-to-do': ['Nothing.'],
  'already-stable': ['Nothing: this version serves already. Give another version to roll out.'],
  parked: [
    'Nothing, if `reconcile` runs on a schedule: it looks at what happened meanwhile, and goes on when the bake is over.',
    'Whoever wants it back at once starts the rollback workflow.',
  ],
  'guardrail-breached': [
    'Look at the KPI that broke its limit, and at the logs of the canary in that time.',
    'Fix it and roll out the new commit. This version is rejected until staging has passed anew for it.',
  ],
  'comparison-regressed': [
    'The canary was worse than stable under the same traffic: look for the difference between the two versions.',
    'Fix it and roll out the new commit, or widen the tolerance of this KPI if the change is meant.',
  ],
  'judge-failed': [
    'Look at the groups and metrics that the judge marked as failed.',
    'Fix them and roll out the new commit, or correct the judge’s config if it is too strict.',
  ],
  'no-data': [
    'Find out why the KPI said nothing: wrong query or labels, a metrics endpoint that is down, or no traffic.',
    'Nothing is known to be wrong with the version itself. Roll it out again when the KPI speaks.',
  ],
  'metrics-unavailable': [
    'Bring the metrics provider back, or check its address and its credentials.',
    'Nothing is known to be wrong with the version itself. Roll it out again then.',
  ],
  'environment-unhealthy': [
    'Both versions were ill at the same time: look at the environment (database, network, other services) first.',
    'Roll the same version out again when the environment is well.',
  ],
  'insufficient-samples': [
    'Too few requests reached the canary to judge it. Give the step a larger weight or a longer bake, or lower `minSamples`.',
  ],
  inconclusive: [
    'The evidence was neither for nor against the canary: see what it wanted, and whether that can be had in one bake.',
    'Nothing is known to be wrong with the version itself. Give the step a larger weight or a longer bake, or ask for less.',
  ],
  'deploy-failed': ['Read the log of the deploy command. No traffic has reached the new version.'],
  'health-failed': [
    'Read the log of the new version and check its health endpoint. No traffic was shifted to it.',
  ],
  'shift-failed': ['Check that the router can be reached, and what it says in its log. Then roll out again.'],
  'weight-diverged': [
    'The router did not keep the weight that was asked for: see whether somebody or something else sets it.',
    'Roll out again when this tool is the only one that shifts traffic.',
  ],
  'share-diverged': [
    'The requests did not follow the weight: check for sticky sessions, caches, and clients that go around the router.',
  ],
  'lease-lost': [
    'The runner was too slow or was cut off, and the router gave the traffic back by itself.',
    'Roll out again; if it happens again, give the lease a longer time or the runner more room.',
  ],
  'verification-failed': [
    'The steps had passed, but the version failed the check after them. Look at that finding below.',
    'Fix it and roll out the new commit.',
  ],
  cancelled: ['Roll out again when you are ready: it starts at the first step.'],
  'timed-out': [
    'The job reached its time limit. Shorten the plan, or raise `timeout-minutes` above the worst case of the plan.',
  ],
  'owner-lost': ['The job that drove the rollout died. See its log, then roll out again.'],
  fenced: ['Another run has taken this rollout over. Follow that run; there is nothing to do here.'],
  'rolled-back-by-hand': [
    'Somebody rolled back on purpose; ask them what they saw.',
    'The version that was taken back is rejected until staging has passed anew.',
  ],
  'plan-too-long': [
    'Shorten the bakes or the budgets, or raise `timeout-minutes` of the job, until the sum above fits.',
  ],
  'config-invalid': ['Correct the config at the place named above. Nothing was changed.'],
  'version-rejected': [
    'Roll out a newer commit; or let this version pass staging anew and say so in `readmit`. Nothing was changed.',
  ],
  'version-unknown': ['Name a version that was promoted here before. Nothing was changed.'],
  'rollout-in-progress': [
    'Wait until the rollout under way has ended, or roll it back first. Nothing was changed.',
  ],
  'ledger-unavailable': [
    'Check that the ledger can be reached and written to, then run this again: it goes on from where it was.',
  ],
  'router-unavailable': [
    'Check where the traffic is at the router itself, now.',
    'When the router answers again, run `reconcile`: it brings the traffic to a safe end.',
  ],
  'traffic-not-home': [
    'Set the weight of the canary to 0 at the router by hand, now.',
    'Then run `reconcile`, so that the record says what is true.',
  ],
  'internal-error': [
    'Check where the traffic is, run `reconcile`, and report this as a bug with the result below.',
  ],
};
