import type { EpochMs } from '../../../core/units.ts';
import type { RawSample, RawSeries } from './answer-text.ts';
import { PROCESS_START, UP } from './groups.ts';

export interface ScrapedSample {
  readonly series: RawSeries;
  readonly sample: RawSample;
}

/** What Prometheus read of one target at one moment. */
export interface TargetScrape {
  readonly at: EpochMs;
  readonly samples: readonly ScrapedSample[];
  readonly processStart: EpochMs | null;
}

/** All samples with one timestamp are one scrape; so is a timestamp at which the target was up and showed nothing. */
export function scrapesOf(series: readonly RawSeries[], presence: readonly RawSeries[]): TargetScrape[] {
  const scrapes = new Map<EpochMs, { samples: ScrapedSample[]; processStart: EpochMs | null }>();
  const at = (time: EpochMs) => {
    const scrape = scrapes.get(time) ?? { samples: [], processStart: null };
    scrapes.set(time, scrape);
    return scrape;
  };
  for (const one of series) {
    for (const sample of one.samples) at(sample.at).samples.push({ series: one, sample });
  }
  for (const { name, samples } of presence) {
    for (const { at: time, value } of samples) {
      if (name === UP && value === 1) at(time);
      if (name === PROCESS_START && value > 0) at(time).processStart = value * 1_000;
    }
  }
  return [...scrapes]
    .map(([time, scrape]) => ({ at: time, ...scrape }))
    .sort((one, other) => one.at - other.at);
}

/** The newest sample of every series, as if they had been read together; nothing when there is nothing. */
export function newestOf(scrapes: readonly TargetScrape[]): TargetScrape[] {
  const last = scrapes.at(-1);
  if (last === undefined) return [];
  const newest = new Map<RawSeries, ScrapedSample>();
  let processStart: EpochMs | null = null;
  for (const scrape of scrapes) {
    for (const one of scrape.samples) newest.set(one.series, one);
    processStart = scrape.processStart ?? processStart;
  }
  return [{ at: last.at, samples: [...newest.values()], processStart }];
}
