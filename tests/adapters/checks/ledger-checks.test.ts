import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileLedger } from '../../../src/adapters/ledger/file-ledger.ts';
import { emptyRecord, type ServiceRecord } from '../../../src/core/rollout/record.ts';
import { checksOf, contextIn, findingOf } from '../../support/check-context.ts';
import { subject } from '../../support/gate-subject.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { wholeEntry } from '../ledger/whole-entry.ts';
import { openScene } from '../traffic/scene.ts';
import { stageOnGitHub } from './on-github.ts';
import { serve } from './web-server.ts';

const signal = new AbortController().signal;

/** A real ledger of files that holds this record. */
async function ledgerWith(record: Partial<ServiceRecord>) {
  const path = mkdtempSync(join(tmpdir(), 'ledger-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const ledger = fileLedger({ path, environment: 'production', service: 'booking-api', keep: 100 });
  const whole = { ...emptyRecord('booking-api', 'production'), ...record };
  await ledger.append(0, { at: 0, note: 'seeded', record: whole }, signal);
  return () => ledger;
}

const STABLE = { slot: 'a', version: 'v1.3.0' } as const;

describe('version', () => {
  const ENTRY = { check: 'version' };

  it('is held against what the ledger says runs, and has rejected', async () => {
    const ledger = await ledgerWith({ stable: STABLE, rejected: ['v1.5.0'] });
    const context = contextIn('.', { ledger });
    expect(await findingOf(ENTRY, context)).toMatchObject({
      status: 'pass',
      observed: 'v1.4.0; v1.3.0 runs',
    });
    const ask = (version: string) => findingOf(ENTRY, context, { ...subject, version });
    expect(await ask('v1.3.0')).toMatchObject({ status: 'fail', code: 'stale' });
    expect(await ask('v1.5.0')).toMatchObject({ status: 'fail', code: 'refused' });
    expect(await ask(subject.sha)).toMatchObject({ status: 'fail', code: 'not-met' });
  });

  it('without a ledger is an error', async () => {
    const finding = await findingOf(ENTRY, contextIn('.'));
    expect(finding).toMatchObject({ status: 'error' });
    expect(finding.observed).toContain('add it under `environments:`');
  });

  it('needs its tag on this very commit, where that is asked for', async () => {
    const { github, sha, context, subject: own } = await stageOnGitHub();
    const ledger = await ledgerWith({ stable: STABLE });
    const ask = (tag: string) => findingOf({ ...ENTRY, tag }, context(undefined, { ledger }), own);
    expect(await ask('exists')).toMatchObject({ status: 'fail', code: 'missing' });
    github.seed.tag(REPOSITORY, 'v1.4.0', sha);
    expect(await ask('exists')).toMatchObject({ status: 'pass' });
    expect(await ask('signed')).toMatchObject({ status: 'fail', code: 'not-met' });
    github.seed.tag(REPOSITORY, 'v1.4.0', github.seed.commit(REPOSITORY, { files: { 'x.txt': 'x' } }));
    expect(await ask('exists')).toMatchObject({ status: 'fail', code: 'stale' });
  });

  it('needs a tag that GitHub verifies, where that is asked for', async () => {
    const { github, sha, context, subject: own } = await stageOnGitHub();
    const ledger = await ledgerWith({ stable: STABLE });
    const ask = () => findingOf({ ...ENTRY, tag: 'signed' }, context(undefined, { ledger }), own);
    github.seed.annotatedTag(REPOSITORY, 'v1.4.0', sha);
    expect(await ask()).toMatchObject({ status: 'fail', code: 'not-met' });
    const tag = (verified: boolean, reason: string) =>
      github.seed.annotatedTag(REPOSITORY, 'v1.4.0', sha, { verification: { verified, reason } });
    tag(false, 'unknown_key');
    expect((await ask()).observed).toContain('signature unknown_key');
    tag(true, 'valid');
    expect(await ask()).toMatchObject({ status: 'pass' });
  });
});

describe('rollback-plan', () => {
  it('asks for the artefact of what runs now, and never shows the token', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(request.url === '/v2/booking/manifests/v1.3.0' ? 200 : 404);
      response.end();
    });
    const entry = (path: string) => ({
      check: 'rollback-plan',
      router: false,
      artefact: { url: `${url}${path}/{version}`, 'token-env': 'REGISTRY_TOKEN' },
    });
    const context = contextIn('.', {
      ledger: await ledgerWith({ stable: STABLE }),
      env: { REGISTRY_TOKEN: 's3cret' },
    });
    expect(await findingOf(entry('/v2/booking/manifests'), context)).toMatchObject({ status: 'pass' });
    expect(asked).toEqual(['HEAD /v2/booking/manifests/v1.3.0 Bearer s3cret']);
    const gone = await findingOf(entry('/v2/other/manifests'), context);
    expect(gone).toMatchObject({ status: 'fail', observed: `HTTP 404 for ${url}/v2/other/manifests/v1.3.0` });
    expect(JSON.stringify(gone)).not.toContain('s3cret');
  });

  it('says no while a rollout is open, and leaves its router alone', async () => {
    const scene = await openScene();
    onTestFinished(scene.close);
    const ledger = await ledgerWith({ stable: STABLE, rollout: wholeEntry.record.rollout });
    const context = contextIn('.', { ledger, router: () => scene.router });
    const before = await scene.router.read(signal);
    const finding = await findingOf({ check: 'rollback-plan' }, context);
    expect(finding).toMatchObject({ status: 'fail' });
    expect(finding.observed).toContain('is still open');
    expect(await scene.router.read(signal)).toEqual(before);
  });

  it('says no when traffic is not where the ledger has it', async () => {
    const scene = await openScene({ initialShares: { a: 0, b: 100 } });
    onTestFinished(scene.close);
    const context = contextIn('.', {
      ledger: await ledgerWith({ stable: STABLE }),
      router: () => scene.router,
    });
    expect(await findingOf({ check: 'rollback-plan' }, context)).toMatchObject({
      status: 'fail',
      observed: 'stable has 0 % of the traffic',
    });
  });

  it('is not configured with a URL that has no version in it', () => {
    const artefact = { url: 'https://registry.example.com/booking' };
    expect(() => checksOf({ check: 'rollback-plan', artefact })).toThrow();
  });
});
