import { describe, expect, it } from 'vitest';
import { bothSlots, metricsServer, saying } from '../metrics-server.ts';
import { scraper, selector } from './scraping.ts';

describe('the traffic of each arm', () => {
  const spec = { traffic: [selector('all')] };

  it('is counted from the second scrape on', async () => {
    const { a, b, endpoints } = await bothSlots();
    const { sample } = scraper({ endpoints }, spec);
    expect((await sample()).traffic).toBeNull();
    a.answerWith(saying('all 91\n'));
    b.answerWith(saying('all 11\n'));
    expect((await sample()).traffic).toEqual({ canary: 10, stable: 90 });
    expect((await sample()).traffic).toEqual({ canary: 0, stable: 0 });
  });

  it('is unknown when nothing was configured, or no arm has the series', async () => {
    const { a, b, endpoints } = await bothSlots();
    const unwatched = scraper({ endpoints }, {});
    await unwatched.sample();
    expect((await unwatched.sample()).traffic).toBeNull();
    a.answerWith(saying(''));
    b.answerWith(saying('other 1\n'));
    const absent = scraper({ endpoints }, spec);
    await absent.sample();
    expect((await absent.sample()).traffic).toBeNull();
  });

  it('is nothing on an arm that has shown no series yet', async () => {
    const server = await metricsServer(saying('all{slot="a"} 1\n'));
    const { sample } = scraper({ endpoints: [{ url: server.url }] }, spec);
    await sample();
    server.answerWith(saying('all{slot="a"} 8\n'));
    expect((await sample()).traffic).toEqual({ canary: 0, stable: 7 });
  });

  it('covers the same time on both arms after a missed scrape', async () => {
    const { a, b, endpoints } = await bothSlots();
    const { sample } = scraper({ endpoints }, spec);
    await sample();
    a.answerWith(saying('all 91\n'));
    b.answerWith(saying('broken\n'));
    expect((await sample()).traffic).toBeNull();
    a.answerWith(saying('all 181\n'));
    b.answerWith(saying('all 21\n'));
    expect((await sample()).traffic).toEqual({ canary: 20, stable: 180 });
  });

  it('starts anew on both arms when one of them does', async () => {
    const { a, b, endpoints } = await bothSlots();
    const { sample } = scraper({ endpoints }, spec);
    await sample();
    b.answerWith(saying('broken\n'));
    a.answerWith(saying('all 1001\n'));
    await sample();
    await sample();
    b.answerWith(saying('all 500\n'));
    expect((await sample()).traffic).toBeNull();
    a.answerWith(saying('all 1010\n'));
    b.answerWith(saying('all 501\n'));
    expect((await sample()).traffic).toEqual({ canary: 1, stable: 9 });
  });
});
