import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../../../src/adapters/metrics/scrape/exposition.ts';
import { watchedSeries } from '../../../../src/adapters/metrics/scrape/watched-series.ts';
import { metricsServer, saying } from '../metrics-server.ts';
import { counted, events, scraper } from './scraping.ts';

const names = { counterNames: new Set(['r_total', 's_bucket', 'plain']), gaugeNames: new Set(['used']) };

function watch(text: string) {
  return watchedSeries(parseExposition(text, 'classic'), names);
}

describe('picking series out of a scrape', () => {
  it('keeps what is asked for and nothing else', () => {
    const { counters, gauges, processStart } = watch('r_total 1\nused 2\nother 3\nr 4\n');
    expect(counters.map(({ name }) => name)).toEqual(['r_total']);
    expect(gauges.map(({ name }) => name)).toEqual(['used']);
    expect(processStart).toBeNull();
  });

  it('finds when a counter or the histogram of a bucket was created', () => {
    const { counters, createdAt } = watch(
      'r_total{code="1"} 1\nr_total{code="2"} 1\nr_created{code="1"} 12.5\n' +
        's_bucket{code="1",le="+Inf"} 1\ns_created{code="1"} 7\nplain 1\nplain_created NaN\n',
    );
    expect(counters.map(createdAt)).toEqual([12_500, null, 7_000, null]);
  });

  it('believes the start of a process only when there is one process', () => {
    expect(watch('process_start_time_seconds{app="x"} 1.5\n').processStart).toBe(1_500);
    expect(
      watch('process_start_time_seconds{p="1"} 1\nprocess_start_time_seconds{p="2"} 2\n').processStart,
    ).toBeNull();
    expect(watch('process_start_time_seconds NaN\n').processStart).toBeNull();
  });
});

describe('an endpoint that tells when its counters began', () => {
  const kpi = events('e', 'bad_total', 'all_total', 'shared');
  const read = { canary: counted(0, 0), stable: null };

  it('has a counter that was hidden start from a base line', async () => {
    const server = await metricsServer(saying('all_total 5\n'));
    const { sample } = scraper({ endpoints: [{ url: server.url }] }, { sources: [kpi] });
    await sample();
    server.answerWith(saying('all_total 5\nbad_total 900\nbad_created 1600000000\n'));
    expect((await sample()).kpis).toEqual({ e: read });
    const soon = Math.floor(Date.now() / 1_000) + 60;
    server.answerWith(
      saying(`all_total 5\nbad_total 900\nbad_total{kind="new"} 2\nbad_created{kind="new"} ${soon}\n`),
    );
    expect((await sample()).kpis).toEqual({ e: { canary: counted(2, 2), stable: null } });
  });

  it('has a process that began while it was away counted in full', async () => {
    const server = await metricsServer(saying('all_total 5\nprocess_start_time_seconds 1600000000\n'));
    const { sample } = scraper({ endpoints: [{ url: server.url }] }, { sources: [kpi] });
    await sample();
    server.answerWith(saying('broken\n'));
    await sample();
    const soon = Math.floor(Date.now() / 1_000) + 60;
    server.answerWith(saying(`all_total 3\nbad_total 2\nprocess_start_time_seconds ${soon}\n`));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(2, 3), stable: null } });
  });
});
