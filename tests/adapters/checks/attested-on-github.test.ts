import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileLedger } from '../../../src/adapters/ledger/file-ledger.ts';
import { checksOf, findingOf } from '../../support/check-context.ts';
import type { Access } from '../../support/github/permissions.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { type Provenance, statementOf } from '../../support/provenance.ts';
import { READ_ALL, stageOnGitHub } from './on-github.ts';

const ALL = { ...READ_ALL, attestations: 'read' } as const;
const sha256 = createHash('sha256').update('the artefact').digest('hex');
const digest = `sha256:${sha256}`;

async function built() {
  const stage = await stageOnGitHub();
  const home = mkdtempSync(join(tmpdir(), 'attested-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, 'booking.tgz'), 'the artefact');
  const place = { path: join(home, 'ledger'), environment: 'production', service: 'booking-api', keep: 10 };
  const more = { baseDir: home, ledger: () => fileLedger(place), env: { PATH: process.env.PATH } };
  const from = `${stage.github.url}/shine/booking`;
  const attest = (told: Provenance = {}) =>
    stage.github.seed.attestation(REPOSITORY, {
      digest,
      ...(told.predicateType === undefined ? {} : { predicateType: told.predicateType }),
      statement: statementOf({ from, sha256, commit: stage.sha, ...told }),
    });
  const ask = (attested: object, permissions: Readonly<Record<string, Access>> = ALL) =>
    findingOf({ check: 'version', attested }, stage.context(permissions, more), stage.subject);
  return { ...stage, home, attest, ask };
}

const FILE = { artefact: { file: 'booking.tgz' } };

describe('an attested artefact', () => {
  it('was built here from this commit, and says so itself', async () => {
    const { attest, ask } = await built();
    expect(await ask(FILE)).toMatchObject({ status: 'fail', code: 'missing' });
    attest({ commit: '3'.repeat(40) });
    expect(await ask(FILE)).toMatchObject({ status: 'fail', code: 'stale' });
    attest();
    expect(await ask(FILE)).toMatchObject({
      status: 'pass',
      observed: 'v1.4.0; nothing runs yet; its artefact is attested',
    });
    expect(await ask({ ...FILE, workflow: '.github/workflows/other.yml' })).toMatchObject({
      status: 'fail',
      code: 'refused',
    });
  });

  it('is named by its digest, as a file, or by a program', async () => {
    const { attest, ask } = await built();
    attest();
    const run = (...argv: readonly string[]) => ({ artefact: { run: argv } });
    expect(await ask({ artefact: { digest } })).toMatchObject({ status: 'pass' });
    expect(await ask(run('echo', `pulled\n${digest}`))).toMatchObject({ status: 'pass' });
    expect(await ask(run('echo', sha256))).toMatchObject({ status: 'error' });
    expect(await ask(run('false'))).toMatchObject({ status: 'error' });
    expect(await ask({ artefact: { file: 'other.tgz' } })).toMatchObject({ status: 'error' });
    expect(await ask({ artefact: { digest: `sha256:${'0'.repeat(64)}` } })).toMatchObject({
      status: 'fail',
      code: 'missing',
    });
  });

  it('is looked for by the kind of attestation that is asked for', async () => {
    const { attest, ask } = await built();
    const predicate = 'https://spdx.dev/Document';
    attest();
    expect(await ask({ ...FILE, predicate })).toMatchObject({ status: 'fail', code: 'missing' });
    attest({ predicateType: predicate });
    expect(await ask({ ...FILE, predicate })).toMatchObject({ status: 'pass' });
  });

  it('whose attestation cannot be read is an error, never a pass', async () => {
    const { github, ask } = await built();
    github.seed.attestation(REPOSITORY, { digest, statement: 'no JSON' });
    const finding = await ask(FILE);
    expect(finding).toMatchObject({ status: 'error', code: 'unreadable' });
    expect(finding.observed).toContain('gh attestation verify');
    await github.down();
    expect(await ask(FILE)).toMatchObject({ status: 'error', code: 'unavailable' });
  });

  it('needs a permission, and names it', async () => {
    const { attest, ask } = await built();
    attest();
    const finding = await ask(FILE, READ_ALL);
    expect(finding).toMatchObject({ status: 'error', code: 'unauthorized' });
    expect(finding.observed).toContain('permissions: { attestations: read }');
  });

  it.each([
    ['another digest', { artefact: { digest: 'md5:00' } }],
    ['two names', { artefact: { digest, file: 'booking.tgz' } }],
    ['a workflow that is none', { ...FILE, workflow: 'build.yml' }],
  ])('is not configured with %s', (_, attested) => {
    expect(() => checksOf({ check: 'version', attested })).toThrow();
  });
});
