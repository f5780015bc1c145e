import { describe, expect, it } from 'vitest';
import { type DeploymentHistory, decideDeployed } from '../../../src/core/checks/deployed.ts';
import type { Alert, CommitStatus } from '../../../src/core/checks/forge-facts.ts';
import { decideGateStatus } from '../../../src/core/checks/gate-status.ts';
import { readSarif } from '../../../src/core/checks/sarif.ts';
import { decideSecurity } from '../../../src/core/checks/security.ts';
import { statusPageFlaws } from '../../../src/core/checks/status-page.ts';
import { decideVersion } from '../../../src/core/checks/version.ts';
import { OTHER_SHA, SHA } from '../../support/gate-subject.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('deployed before', () => {
  const at = (sha: string, ...states: readonly string[]): DeploymentHistory => ({
    id: 1,
    sha,
    statuses: states.map((state) => ({ state, at: NOW - 2 * HOUR, url: null })),
  });
  const decide = (...deployments: readonly DeploymentHistory[]) =>
    decideDeployed({ sha: SHA, environment: 'staging', now: NOW, deployments }, DAY);

  it.each([
    ['it is what is deployed there', [at(SHA, 'success', 'in_progress')], 'pass', 'met'],
    ['nothing was ever deployed', [], 'fail', 'missing'],
    ['another commit was', [at(OTHER_SHA, 'success')], 'fail', 'missing'],
    ['it is under way', [at(SHA, 'in_progress')], 'no-data', 'pending'],
    ['it has not said anything yet', [at(SHA)], 'no-data', 'pending'],
    ['it failed', [at(SHA, 'failure')], 'fail', 'failed'],
    ['it was up, and failed then', [at(SHA, 'failure', 'success')], 'fail', 'failed'],
    ['it was made inactive', [at(SHA, 'inactive', 'success')], 'fail', 'superseded'],
    ['a newer one is up', [at(OTHER_SHA, 'success'), at(SHA, 'success')], 'fail', 'superseded'],
    ['a newer one is on its way', [at(OTHER_SHA, 'in_progress'), at(SHA, 'success')], 'fail', 'superseded'],
    [
      'a newer one was up for a while',
      [at(OTHER_SHA, 'inactive', 'success'), at(SHA, 'success')],
      'fail',
      'superseded',
    ],
    [
      'a newer one never came up',
      [at(OTHER_SHA, 'failure', 'in_progress'), at(SHA, 'success')],
      'pass',
      'met',
    ],
    ['a newer one was given up', [at(OTHER_SHA, 'inactive'), at(SHA, 'success')], 'pass', 'met'],
    [
      'a newer one failed above one that took its place',
      [at(OTHER_SHA, 'failure'), at(OTHER_SHA, 'success'), at(SHA, 'success')],
      'fail',
      'superseded',
    ],
  ])('%s', (_, deployments, status, code) => {
    expect(decide(...deployments)).toMatchObject({ status, code });
  });

  it('too long ago', () => {
    const old = { ...at(SHA), statuses: [{ state: 'success', at: NOW - 3 * DAY, url: null }] };
    expect(decide(old)).toMatchObject({
      status: 'fail',
      code: 'stale',
      observed: '1111111 deployed 3 days ago',
    });
  });
});

describe('the result of another gate', () => {
  const said = (state: string, id: number, age: number, creator = 'github-actions[bot]'): CommitStatus => {
    return {
      id,
      context: 'deploy-canary/e2e-gate',
      state,
      description: '',
      url: null,
      creator,
      at: NOW - age,
    };
  };
  const decide = (statuses: readonly CommitStatus[], creator: string | null = null) =>
    decideGateStatus(statuses, { context: 'deploy-canary/e2e-gate', maxAge: DAY, creator }, NOW);

  it.each([
    ['green', [said('success', 1, HOUR)], 'pass', 'met'],
    ['not there', [], 'fail', 'missing'],
    ['of another context', [{ ...said('success', 1, HOUR), context: 'e2e' }], 'fail', 'missing'],
    ['red', [said('failure', 1, HOUR)], 'fail', 'failed'],
    ['in error', [said('error', 1, HOUR)], 'fail', 'failed'],
    ['not finished', [said('pending', 1, HOUR)], 'no-data', 'pending'],
    ['too old', [said('success', 1, DAY + 1)], 'fail', 'stale'],
    ['red after green', [said('failure', 2, HOUR), said('success', 1, HOUR)], 'fail', 'failed'],
    ['green after red', [said('failure', 1, HOUR), said('success', 2, HOUR)], 'pass', 'met'],
  ])('%s', (_, statuses, status, code) => {
    expect(decide(statuses)).toMatchObject({ status, code });
  });

  it('by somebody else does not count where one is named', () => {
    const statuses = [said('success', 1, HOUR, 'mallory')];
    expect(decide(statuses, 'github-actions[bot]')).toMatchObject({ code: 'missing' });
    expect(decide(statuses)).toMatchObject({ code: 'met' });
  });
});

describe('alerts', () => {
  const alert = (severity: Alert['severity'], age: number): Alert => {
    return { kind: 'dependabot', severity, title: 'hole', at: NOW - age, url: 'https://github.com/x' };
  };
  const rules = { limits: { critical: 0, high: 1 }, grace: { high: 7 * DAY } };
  const decide = (...alerts: readonly Alert[]) => decideSecurity({ alerts, now: NOW, analyses: null }, rules);

  it.each([
    ['none', [], 'pass'],
    ['a critical one', [alert('critical', 0)], 'fail'],
    ['as many as are let through', [alert('high', 9 * DAY)], 'pass'],
    ['one more than is let through', [alert('high', 9 * DAY), alert('high', 9 * DAY)], 'fail'],
    ['more, but young ones', [alert('high', 9 * DAY), alert('high', DAY), alert('high', 0)], 'pass'],
    ['many of a severity without limit', [alert('low', DAY), alert('medium', DAY)], 'pass'],
  ] as const)('%s', (_, alerts, status) => {
    expect(decide(...alerts).status).toBe(status);
  });

  it('none, because nobody looked at this commit', () => {
    const facts = { alerts: [], now: NOW, analyses: [] };
    expect(decideSecurity(facts, rules)).toMatchObject({ status: 'fail', code: 'missing' });
  });
});

describe('a SARIF file', () => {
  const rules = [
    { id: 'r1', properties: { 'security-severity': '9.8' } },
    { id: 'r2', defaultConfiguration: { level: 'note' } },
  ];
  const sarif = (results: readonly object[], more = {}) => ({
    runs: [{ tool: { driver: { name: 'Scanner', rules } }, results, ...more }],
  });
  const severities = (...results: readonly object[]) =>
    readSarif(sarif(results), SHA).alerts.map(({ severity }) => severity);

  it('gives each result its severity, by score or by level', () => {
    expect(
      severities(
        { ruleId: 'r1' },
        { ruleIndex: 1, ruleId: 'r2' },
        { ruleId: 'other', level: 'error' },
        { ruleId: 'other' },
        { ruleId: 'r2', properties: { 'security-severity': 7.1 } },
      ),
    ).toEqual(['critical', 'low', 'high', 'medium', 'high']);
  });

  it('leaves out what was suppressed, is gone, or is no failure', () => {
    expect(
      severities(
        { ruleId: 'r1', suppressions: [{ kind: 'inSource' }] },
        { ruleId: 'r1', suppressions: [{ kind: 'external', status: 'rejected' }] },
        { ruleId: 'r1', baselineState: 'absent' },
        { ruleId: 'r1', kind: 'pass' },
      ),
    ).toEqual(['critical']);
  });

  it('of another commit is none', () => {
    const of = (revisionId: string) =>
      readSarif(sarif([], { versionControlProvenance: [{ revisionId }] }), SHA);
    expect(of(OTHER_SHA).analyses).toEqual([]);
    expect(of(SHA).analyses).toEqual(['Scanner']);
    expect(readSarif({}, SHA).analyses).toEqual([]);
  });
});

describe('a version', () => {
  const facts = { version: 'v1.4.0', sha: SHA, running: 'v1.3.9', rejected: [] };
  const rules = { mustBeSemver: true, mustBeSigned: false };
  const signed = { commit: SHA, signature: { verified: true, reason: 'valid' } };

  it.each([
    ['above what runs', {}, {}, 'pass', 'met'],
    ['the first one', { running: null }, {}, 'pass', 'met'],
    ['the one that runs', { running: 'v1.4.0' }, {}, 'fail', 'stale'],
    ['that differs in build metadata only', { version: 'v1.4.0+7', running: 'v1.4.0' }, {}, 'fail', 'stale'],
    ['a release before what runs', { running: '1.5.0' }, {}, 'fail', 'stale'],
    ['a release candidate of what runs', { version: 'v1.4.0-rc.1', running: 'v1.4.0' }, {}, 'fail', 'stale'],
    ['a commit where SemVer is asked for', { version: SHA }, {}, 'fail', 'not-met'],
    ['above a commit that runs', { running: OTHER_SHA }, {}, 'fail', 'not-met'],
    [
      'a commit where commits are rolled out',
      { version: SHA, running: OTHER_SHA },
      { mustBeSemver: false },
      'pass',
      'met',
    ],
    ['that was rejected here', { rejected: ['v1.4.0'] }, {}, 'fail', 'refused'],
    ['whose commit was rejected here', { rejected: [SHA] }, { mustBeSemver: false }, 'fail', 'refused'],
    ['without its tag', { tag: null }, {}, 'fail', 'missing'],
    ['whose tag is on another commit', { tag: { ...signed, commit: OTHER_SHA } }, {}, 'fail', 'stale'],
    ['whose tag is signed', { tag: signed }, { mustBeSigned: true }, 'pass', 'met'],
    [
      'whose tag is lightweight',
      { tag: { commit: SHA, signature: null } },
      { mustBeSigned: true },
      'fail',
      'not-met',
    ],
    [
      'whose signature is not verified',
      { tag: { commit: SHA, signature: { verified: false, reason: 'unknown_key' } } },
      { mustBeSigned: true },
      'fail',
      'not-met',
    ],
  ])('%s', (_, more, how, status, code) => {
    expect(decideVersion({ ...facts, ...more }, { ...rules, ...how })).toMatchObject({ status, code });
  });
});

describe('a status page', () => {
  const components = [
    { name: 'API', status: 'operational', group: 'Core' },
    { name: 'Dashboard', status: 'major_outage', group: 'Core' },
    { name: 'Docs', status: 'under_maintenance', group: null },
  ];

  it.each([
    [['API'], []],
    [['api'], []],
    [['Dashboard'], ['Dashboard major outage']],
    [['Core'], ['Dashboard major outage']],
    [['Payments'], ['no component Payments']],
    [[], ['Dashboard major outage', 'Docs under maintenance']],
  ])('asked for %j has the flaws %j', (names, flaws) => {
    expect(statusPageFlaws(components, names)).toEqual(flaws);
  });

  it('without components proves nothing', () => {
    expect(statusPageFlaws([], [])).toEqual(['a page without components']);
  });
});
