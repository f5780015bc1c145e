import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canRun } from './can-run.ts';
import { freePort, until } from './prometheus.ts';

export const hasAlertmanager = canRun('alertmanager', '--version');

export interface Alertmanager {
  readonly url: string;
  /** As Prometheus does when a rule of its fires. */
  readonly fire: (name: string, summary: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A real Alertmanager with the configuration to copy, but for the address of GitHub and the token. */
export async function startAlertmanager(dispatches: string, token: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-test-'));
  const example = readFileSync('examples/alertmanager/deploy-canary.yml', 'utf8');
  writeFileSync(join(folder, 'token'), token);
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    example
      .replace('https://api.github.com/repos/OWNER/REPOSITORY/dispatches', dispatches)
      .replace('/etc/alertmanager/github-token', join(folder, 'token')),
  );
  const port = await freePort();
  const child = spawn(
    'alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const url = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(isReady, 'Alertmanager to start', 10_000);
  const fire = async (alertname: string, summary: string): Promise<void> => {
    const alert = { labels: { alertname, severity: 'page' }, annotations: { summary } };
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([alert]),
    });
    if (!answer.ok) throw new Error(`Alertmanager refused the alert: ${answer.status}`);
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, fire, stop };
}
