import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { canRun } from '../can-run.ts';
import { until } from '../prometheus.ts';

export const hasMoto = canRun('moto_server', '--help');

export const REGION = 'eu-central-1';
export const AWS_ENV = {
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
  AWS_SESSION_TOKEN: 'aws-session',
};

/** moto's own server, with a client of the official SDK that sends to it. */
export async function startMoto() {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const url = `http://127.0.0.1:${port}`;
  const client = new CloudWatchClient({
    region: REGION,
    endpoint: url,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'aws-secret', sessionToken: 'aws-session' },
  });
  const stop = async (): Promise<void> => {
    client.destroy();
    child.kill('SIGKILL');
    await gone;
  };
  const isUp = async (): Promise<boolean> => {
    try {
      return (await fetch(`${url}/moto-api/data.json`)).ok;
    } catch {
      return false;
    }
  };
  await until(isUp, 'moto to start', 20_000).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    url,
    client,
    put: async (namespace: string, data: readonly MetricDatum[]): Promise<void> => {
      if (data.length === 0) return;
      await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: [...data] }));
    },
    stop,
  };
}

export type Moto = Awaited<ReturnType<typeof startMoto>>;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
