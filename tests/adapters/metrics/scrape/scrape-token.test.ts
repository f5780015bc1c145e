import { describe, expect, it } from 'vitest';
import { metricsServer, saying } from '../metrics-server.ts';
import { events, scraper } from './scraping.ts';

const kpi = events('e', 'bad', 'all');
const error = (why: RegExp) => ({ kind: 'error', why: expect.stringMatching(why) });
const baseLine = { kind: 'no-data', why: expect.stringContaining('first scrape sets the base line') };

describe('a token', () => {
  const env = { METRICS_TOKEN: 's3cret' };

  it('is masked and sent to every endpoint', async () => {
    const server = await metricsServer((request, response) => {
      response.end(
        `all{slot="b"} ${request.headers.authorization === 'Bearer s3cret' ? 1 : 'unauthorized'}\n`,
      );
    });
    const config = { endpoints: [{ url: server.url }], 'token-env': 'METRICS_TOKEN' };
    const { sample, masked } = scraper(config, { sources: [kpi] }, env);
    expect(masked).toEqual(['s3cret']);
    expect((await sample()).kpis).toMatchObject({ e: { canary: baseLine } });
  });

  it('never shows in an error, and is not sent on', async () => {
    const thief = await metricsServer(saying('all 1\n'));
    const server = await metricsServer(
      (_request, response) => void response.writeHead(307, { location: thief.url }).end(),
    );
    const config = { endpoints: [{ url: server.url }], 'token-env': 'METRICS_TOKEN' };
    const { kpis } = await scraper(config, { sources: [kpi] }, env).sample();
    expect(JSON.stringify(kpis)).not.toContain('s3cret');
    expect(kpis).toMatchObject({ e: { canary: error(/saw 307; give the url that it redirects to/) } });
    expect(thief.asked()).toBe(0);
  });

  it('that is not set is an error, and nothing is asked without it', async () => {
    const server = await metricsServer(saying('all 1\n'));
    const config = { endpoints: [{ url: server.url }], 'token-env': 'METRICS_TOKEN' };
    const { sample, masked } = scraper(config, { sources: [kpi] });
    expect((await sample()).kpis).toMatchObject({
      e: { canary: error(/expected a token in the environment variable METRICS_TOKEN, saw none; set it/) },
    });
    expect([masked, server.asked()]).toEqual([[], 0]);
  });
});
