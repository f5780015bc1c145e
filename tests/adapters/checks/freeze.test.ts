import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checksOf, contextIn, findingOf } from '../../support/check-context.ts';
import { subject } from '../../support/gate-subject.ts';
import { vectors } from '../../support/vectors.ts';
import { json, serve } from './web-server.ts';

const table = vectors(
  'freeze',
  z.strictObject({
    what: z.string(),
    windows: z.array(z.record(z.string(), z.string())),
    at: z.string(),
    status: z.enum(['pass', 'fail']),
    observed: z.string(),
  }),
);

const context = contextIn('.');

describe('a freeze', () => {
  it.each(table)('$what', async ({ windows, at, status, observed }) => {
    const finding = await findingOf({ check: 'freeze', windows }, context, {
      ...subject,
      now: Date.parse(at),
    });
    expect({ status: finding.status, observed: finding.observed }).toEqual({ status, observed });
  });

  const always = { name: 'Audit', timezone: 'UTC', start: '2026-11-01T00:00', duration: '60d' };

  it('can be broken in an emergency, and shows by whom and why', async () => {
    const finding = await findingOf({ check: 'freeze', windows: [always] }, context, {
      ...subject,
      override: 'bookings are down',
    });
    expect(finding).toMatchObject({
      status: 'waived',
      code: 'overridden',
      detail: 'broken by ada: bookings are down',
    });
  });

  it('is not said to be broken when there is none', async () => {
    const calm = { ...always, start: '2027-11-01T00:00' };
    const broken = { ...subject, override: 'just in case' };
    expect((await findingOf({ check: 'freeze', windows: [calm] }, context, broken)).status).toBe('pass');
  });

  it.each([
    ['no such zone', { timezone: 'Europe/Nowhere' }],
    ['an offset for a zone', { timezone: '+01:00' }],
    ['a day that there is not', { start: '2026-02-30T10:00' }],
    ['a time with its zone', { start: '2026-02-20T10:00Z' }],
    ['no such frequency', { repeat: 'FREQ=WEKLY' }],
    ['no such day', { repeat: 'FREQ=WEEKLY;BYDAY=XX' }],
    ['a window of half a year', { duration: '180d' }],
  ])('is not configured with %s', (_, flaw) => {
    expect(() => checksOf({ check: 'freeze', windows: [{ ...always, ...flaw }] })).toThrow();
  });

  it('without windows and label is refused', () => {
    expect(() => checksOf({ check: 'freeze' })).toThrow('a calendar, a label or an error budget');
  });
});

describe('an error budget', () => {
  const prometheus = (result: readonly object[]) =>
    serve((_, response) =>
      json(response, 200, { status: 'success', data: { resultType: 'vector', result } }),
    );
  const entry = (url: string) => ({
    check: 'freeze',
    'error-budget': { url: `${url}/api/v1/query?query=left`, left: 'data.result.0.value.1', min: 0.1 },
  });
  const emergency = { ...subject, override: 'this is the fix' };

  it('lets a change through while enough of it is left', async () => {
    const url = await prometheus([{ metric: {}, value: [1_764_000_000, '0.25'] }]);
    expect(await findingOf(entry(url), context)).toMatchObject({
      status: 'pass',
      observed: 'no freeze; 0.25 of the error budget left',
    });
  });

  it('freezes when less is left, and a person may break it by name and reason', async () => {
    const url = await prometheus([{ metric: {}, value: [1_764_000_000, '0.0999'] }]);
    expect(await findingOf(entry(url), context)).toMatchObject({
      status: 'fail',
      code: 'frozen',
      observed: '0.0999 of the error budget left',
      expected: 'no freeze and no open incident, at least 0.1 of the error budget left',
    });
    expect(await findingOf(entry(url), context, emergency)).toMatchObject({
      status: 'waived',
      code: 'overridden',
      detail: 'broken by ada: this is the fix',
    });
  });

  it.each([
    ['no series', () => prometheus([])],
    ['no number', () => prometheus([{ value: [0, 'NaN'] }])],
    ['an answer that is no good one', () => serve((_, response) => json(response, 503, {}))],
    ['silence', () => serve((request) => void request.socket.destroy())],
  ])('with %s is an error, which only a person goes past', async (_, server) => {
    const url = await server();
    expect((await findingOf(entry(url), context)).status).toBe('error');
    expect(await findingOf(entry(url), context, emergency)).toMatchObject({
      status: 'waived',
      observed: 'nobody can tell how much of the error budget is left',
    });
  });
});
