import { describe, expect, it } from 'vitest';
import { contextIn, findingOf } from '../../support/check-context.ts';
import { SHA } from '../../support/gate-subject.ts';

const node = (script: string, more = {}) => ({
  check: 'command',
  run: [process.execPath, '-e', script],
  ...more,
});
const context = contextIn('.', { env: { PATH: process.env.PATH, LOADER: 'yes', OTHER: 'no' } });

describe('a command check', () => {
  it('says yes by exit code 0', async () => {
    expect(await findingOf(node('console.log("backup of today found")'), context)).toMatchObject({
      status: 'pass',
      detail: 'backup of today found',
    });
  });

  it('says no by any other, with the last line that it wrote', async () => {
    expect(
      await findingOf(node('console.log("a"); console.error("no backup"); process.exit(3)'), context),
    ).toMatchObject({
      status: 'fail',
      code: 'failed',
      observed: 'exit code 3',
      detail: 'no backup',
    });
  });

  it('that hangs is ended and an error', async () => {
    const finding = await findingOf(node('setInterval(() => {}, 1000)', { timeout: '300ms' }), context);
    expect(finding).toMatchObject({ status: 'error', code: 'timed-out' });
  });

  it('that does not exist is an error, and so is one that was killed', async () => {
    expect(await findingOf({ check: 'command', run: ['no-such-program'] }, context)).toMatchObject({
      status: 'error',
      code: 'missing',
    });
    const killed = await findingOf(node('process.kill(process.pid, "SIGKILL")'), context);
    expect(killed).toMatchObject({ status: 'error', observed: 'ended by SIGKILL' });
  });

  it('is told what it is about, and sees no variable that it was not given', async () => {
    const script = `const { env } = process;
      const ok = env.DEPLOY_CANARY_SHA === '${SHA}' && env.DEPLOY_CANARY_VERSION === 'v1.4.0' &&
        env.DEPLOY_CANARY_ENVIRONMENT === 'production' && env.OWN === 'mine' && env.LOADER === 'yes' && !env.OTHER;
      process.exit(ok ? 0 : 1)`;
    const finding = await findingOf(node(script, { env: { OWN: 'mine' }, 'env-from': ['LOADER'] }), context);
    expect(finding.status).toBe('pass');
  });
});
