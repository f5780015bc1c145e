import { expect, it } from 'vitest';
import { MOST_BYTES, watchMany } from '../../bench/analysis/cost.ts';

it('the evidence of 20 quantile KPIs fits into 64 kB, and stops growing when its windows are full', () => {
  const { sizes } = watchMany(360, 120);
  const [early = Number.NaN, , late = Number.NaN] = sizes;
  expect(late).toBeLessThan(MOST_BYTES);
  expect(late).toBeLessThan(early * 1.05);
});
