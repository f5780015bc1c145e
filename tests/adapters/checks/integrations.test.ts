import { describe, expect, it } from 'vitest';
import { contextIn, findingOf } from '../../support/check-context.ts';
import { json, serve } from './web-server.ts';

const context = contextIn('.');

/** As the pages of Statuspage answer: https://kctbh9vrtdwd.statuspage.io/api/v2/components.json */
const page = (...components: readonly object[]) => ({
  page: { id: 'kctbh9vrtdwd', name: 'GitHub', url: 'https://www.githubstatus.com', time_zone: 'Etc/UTC' },
  components,
});
const component = (name: string, status: string, more = {}) => ({
  id: name.toLowerCase(),
  name,
  status,
  group_id: null,
  group: false,
  only_show_if_degraded: false,
  ...more,
});

function atlas(status: string) {
  return serve((request, response) => {
    const isAsked = request.url === '/api/v2/components.json';
    const group = component('Atlas', 'partial_outage', { group: true });
    const clusters = component('Clusters', status, { group_id: 'atlas' });
    json(response, isAsked ? 200 : 404, page(group, clusters, component('Billing', 'major_outage')));
  });
}

describe('integrations', () => {
  it('are green when third parties answer and their components are operational', async () => {
    const url = await atlas('operational');
    const stripe = await serve((_, response) => json(response, 200, { object: 'balance', livemode: false }));
    const services = [
      { type: 'http', name: 'Stripe', url: stripe, assert: [{ path: 'object', equals: 'balance' }] },
      { type: 'status-page', name: 'MongoDB Atlas', url: `${url}/`, components: ['Atlas'] },
      { type: 'status-page', name: 'Clusters', url, components: ['clusters'] },
    ];
    const finding = await findingOf({ check: 'integrations', services }, context);
    expect(finding).toMatchObject({ status: 'pass', observed: '3 services operational' });
  });

  it('say no to each one that is not, all in one finding', async () => {
    const url = await atlas('degraded_performance');
    const stripe = await serve((_, response) => json(response, 503, {}));
    const services = [
      { type: 'http', name: 'Stripe', url: stripe },
      { type: 'status-page', name: 'MongoDB Atlas', url, components: ['Atlas', 'Search'] },
      { type: 'status-page', name: 'Everything', url },
    ];
    const finding = await findingOf({ check: 'integrations', services }, context);
    expect(finding).toMatchObject({ status: 'fail', code: 'not-met' });
    expect(finding.observed).toBe(
      'Stripe: HTTP 503; MongoDB Atlas: Clusters degraded performance, no component Search; Everything: Clusters degraded performance, Billing major outage',
    );
  });

  it('say no to a component under maintenance, and to a page whose components have gone', async () => {
    const url = await atlas('under_maintenance');
    const empty = await serve((_, response) => json(response, 200, page()));
    const services = [
      { type: 'status-page', name: 'MongoDB Atlas', url, components: ['Clusters'] },
      { type: 'status-page', name: 'Stripe', url: empty, components: ['Payments'] },
      { type: 'status-page', name: 'Anybody', url: empty },
    ];
    expect(await findingOf({ check: 'integrations', services }, context)).toMatchObject({
      status: 'fail',
      observed:
        'MongoDB Atlas: Clusters under maintenance; Stripe: no component Payments; Anybody: a page without components',
    });
  });

  it('hold the third party itself to its status, its words and its time', async () => {
    const url = await serve((_, response) => json(response, 200, { state: 'degraded', queue: 12 }));
    const asked = async (more: object) => {
      const services = [{ type: 'http', name: 'Mail', url, ...more }];
      return findingOf({ check: 'integrations', services }, context);
    };
    expect(await asked({ assert: [{ path: 'state', 'one-of': ['up', 'degraded'] }] })).toMatchObject({
      status: 'pass',
    });
    for (const no of [
      { status: 204 },
      { assert: [{ path: 'state', equals: 'up' }] },
      { assert: [{ path: 'queue', max: 10 }] },
      { assert: [{ path: 'region', matches: '.*' }] },
    ])
      expect(await asked(no), JSON.stringify(no)).toMatchObject({ status: 'fail', code: 'not-met' });
  });

  it('take a status page that is away, or is none, for an error', async () => {
    const none = await serve((_, response) => json(response, 200, { status: 'fine' }));
    const cut = await serve((request) => void request.socket.destroy());
    for (const url of [none, cut]) {
      const services = [{ type: 'status-page', name: 'Atlas', url }];
      expect(await findingOf({ check: 'integrations', services }, context)).toMatchObject({
        status: 'error',
        code: 'unavailable',
      });
    }
  });

  it('let the silence of one hide nothing about another', async () => {
    const cut = await serve((request) => void request.socket.destroy());
    const stripe = await serve((_, response) => json(response, 503, {}));
    const services = [
      { type: 'http', name: 'Stripe', url: stripe },
      { type: 'http', name: 'Maps', url: cut },
    ];
    const finding = await findingOf({ check: 'integrations', services }, context);
    expect(finding.status).toBe('fail');
    expect(finding.observed).toMatch(/^Stripe: HTTP 503; Maps: expected .* to be reachable/);
  });
});
