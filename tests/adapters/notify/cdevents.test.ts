import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type CdEvent, cdEventOf } from '../../../src/adapters/notify/cdevents.ts';
import { webhookNotifier, webhookNotifierSchema } from '../../../src/adapters/notify/webhook-notifier.ts';
import type { Result } from '../../../src/core/result.ts';
import { REASON_CODES } from '../../../src/core/rollout/reason.ts';
import { adapterContext } from '../../support/adapter-context.ts';
import { createCleanup, startServer } from '../traffic/scene.ts';
import { ABORTED } from './results.ts';

const FOLDER = new URL('../../support/cdevents/', import.meta.url);
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
ajv.addFormat('uri-reference', /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/);
ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:\S+$/);

/** The official schemas, by the type of event that each one is for. */
const byType = new Map<string, string>();
for (const file of readdirSync(FOLDER, { recursive: true }).map(String)) {
  if (!file.endsWith('.json')) continue;
  const schema = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
  ajv.addSchema(schema);
  for (const type of schema.properties?.context?.properties.type.enum ?? []) byType.set(type, schema.$id);
}

/** What the official schema of its type says against an event. */
function flawsOf(event: unknown, type: string): readonly string[] {
  const id = byType.get(type) ?? 'https://cdevents.dev/0.5.1/schema/custom';
  const validate = ajv.getSchema(id);
  if (validate === undefined) throw new Error(`no schema ${id}`);
  if (validate(event) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const names = { id: 'one', source: '/deploy-canary/production/booking', now: 1_700_000_000_000 };
const artifact = 'pkg:generic/{service}@{version}';
const eventOf = (own: Partial<Result>): CdEvent => cdEventOf({ ...ABORTED, ...own }, { ...names, artifact });
const told = (own: Partial<Result>): readonly [string, unknown] => {
  const { context, subject } = eventOf(own);
  expect(flawsOf(eventOf(own), context.type)).toEqual([]);
  return [context.type, subject.content.artifactId];
};

const none = { exposed: { requests: 0, bad: 0 }, steps: [] };

describe('the CDEvent of a result', () => {
  it.each<[string, Partial<Result>, string, string | undefined]>([
    ['a promoted canary', { state: 'promoted' }, 'service.upgraded.0.3.0', 'v2'],
    [
      'a first version',
      { state: 'promoted', kind: 'first', stableVersion: null },
      'service.deployed.0.3.0',
      'v2',
    ],
    ['a rollback that ended', { state: 'restored', kind: 'rollback' }, 'service.rolledback.0.3.0', 'v2'],
    ['an aborted canary', {}, 'service.rolledback.0.3.0', 'v1'],
    [
      'one whose killed run could count nothing',
      { ...none, reasonCode: 'owner-lost' },
      'service.rolledback.0.3.0',
      'v1',
    ],
    [
      'one that was ill after it had served',
      { ...none, reasonCode: 'health-failed', steps: [{ weight: 10, servedMs: 1, bakeMs: 2 }] },
      'service.rolledback.0.3.0',
      'v1',
    ],
    [
      'traffic that is not home',
      { state: 'aborting', reasonCode: 'traffic-not-home' },
      'incident.detected.0.3.0',
      'v2',
    ],
  ])('of %s is a standard one', (_, own, type, version) => {
    expect(told(own)).toEqual([`dev.cdevents.${type}`, `pkg:generic/booking@${version}`]);
  });

  it.each<[string, Partial<Result>, string]>([
    ['a canary that could not be started', { ...none, reasonCode: 'deploy-failed' }, 'aborted'],
    ['a canary that was never healthy', { ...none, reasonCode: 'health-failed' }, 'aborted'],
    ['a first version that was aborted', { kind: 'first', stableVersion: null }, 'aborted'],
    ['a rollback that was aborted', { kind: 'rollback' }, 'aborted'],
    ['an end without a version', { state: 'promoted', version: null }, 'promoted'],
    ['a rollout that is under way', { state: 'baking' }, 'baking'],
    ['a state of two words', { state: 'catching-up' }, 'catchingup'],
    ['nothing at all', { state: 'none', rolloutId: null, kind: null }, 'none'],
  ])('of %s is one of our own', (_, own, state) => {
    expect(told(own)).toEqual([`dev.cdeventsx.deploycanary-rollout.${state}.0.1.0`, undefined]);
  });

  it('says when it ended, whoever tells it later, and has the whole result with it', () => {
    const event = eventOf({ endedAt: 1_000 });
    expect(event.context).toEqual({
      specversion: '0.5.1',
      id: 'one',
      source: names.source,
      type: 'dev.cdevents.service.rolledback.0.3.0',
      timestamp: '1970-01-01T00:00:01.000Z',
    });
    expect(event.customData).toEqual({ ...ABORTED, endedAt: 1_000 });
    expect(eventOf({ endedAt: null }).context.timestamp).toBe('2023-11-14T22:13:20.000Z');
  });

  it('names the version in the package URL of the user, each part encoded', () => {
    const own = { artifact: 'pkg:oci/{service}@{version}?repository_url=ghcr.io/acme' };
    const result: Result = { ...ABORTED, state: 'promoted', service: 'booking api', version: 'sha256:ab/c' };
    expect(cdEventOf(result, { ...names, ...own }).subject.content.artifactId).toBe(
      'pkg:oci/booking%20api@sha256%3Aab%2Fc?repository_url=ghcr.io/acme',
    );
  });

  it('is valid by the official schemas, whatever the result is', () => {
    const word = fc.string({ minLength: 1 });
    const results = fc.record({
      state: fc.constantFrom<Result['state'][]>(
        'deploying',
        'catching-up',
        'aborting',
        'aborted',
        'promoted',
        'restored',
        'none',
      ),
      kind: fc.constantFrom<Result['kind'][]>('canary', 'first', 'rollback', null),
      reasonCode: fc.constantFrom(...REASON_CODES),
      service: word,
      environment: word,
      message: fc.string(),
      version: fc.option(word),
      stableVersion: fc.option(word),
      rolloutId: fc.option(word),
      endedAt: fc.option(fc.nat()),
      exposed: fc.record({ requests: fc.nat(), bad: fc.nat() }),
    });
    fc.assert(
      fc.property(results, (own) => {
        const event: unknown = JSON.parse(JSON.stringify(eventOf(own)));
        expect(flawsOf(event, eventOf(own).context.type)).toEqual([]);
      }),
    );
  });
});

describe('the official schemas', () => {
  it('say no to an event with another type, with more in it, or with less', () => {
    const event = eventOf({ state: 'promoted' });
    const { type } = event.context;
    expect(flawsOf(event, 'dev.cdevents.service.rolledback.0.3.0')).not.toEqual([]);
    expect(flawsOf(event, 'dev.cdeventsx.deploycanary-rollout.promoted.0.1.0')).not.toEqual([]);
    expect(flawsOf({ ...event, more: 1 }, type)).not.toEqual([]);
    expect(flawsOf({ ...event, subject: { id: 'booking', content: {} } }, type)).not.toEqual([]);
    expect(flawsOf({ ...event, context: { ...event.context, timestamp: 'now' } }, type)).not.toEqual([]);
  });
});

describe('a webhook with `format: cdevents`', () => {
  const cleanup = createCleanup();
  afterEach(cleanup.run);

  it('binds the CDEvent to CloudEvents as the specification says', async () => {
    const events: CloudEvent<CdEvent>[] = [];
    const server = cleanup.add(
      await startServer((request, response) => {
        void text(request).then((body) => {
          const headers = { 'content-type': String(request.headers['content-type']) };
          const event = HTTP.toEvent<CdEvent>({ headers, body });
          if (event instanceof CloudEvent && event.validate()) events.push(event);
          response.writeHead(202).end();
        });
      }),
    );
    const context = adapterContext({ env: { HOOK_URL: server.url } });
    const options = { urlEnv: 'HOOK_URL', timeout: 2_000, pause: 20 };
    const notifier = webhookNotifier({ ...options, format: { kind: 'cdevents', artifact } }, context);
    await notifier.notify(ABORTED, new AbortController().signal);
    await notifier.notify({ ...ABORTED, operation: 'reconcile' }, new AbortController().signal);
    const [event, again] = events;
    const inside = event?.data;
    expect(inside).toBeDefined();
    expect(flawsOf(inside, inside?.context.type ?? '')).toEqual([]);
    expect(event).toMatchObject({
      id: inside?.context.id,
      source: inside?.context.source,
      type: inside?.context.type,
      time: inside?.context.timestamp,
      subject: inside?.subject.id,
      datacontenttype: 'application/json',
    });
    expect(again?.id).toBe(event?.id);
    expect(again?.time).toBe(event?.time);
  });

  const whole = { type: 'webhook', 'url-env': 'HOOK_URL' };
  it.each([
    ['an artifact without that format', { artifact: 'pkg:oci/a@{version}' }, /with format: cdevents alone/],
    [
      'an artifact without a version',
      { format: 'cdevents', artifact: 'pkg:oci/a' },
      /with \{version\} in it/,
    ],
    ['an artifact that is no package URL', { format: 'cdevents', artifact: 'a@{version}' }, /package URL/],
    ['another format', { format: 'cdevent' }, /cdevents/],
  ])('refuses %s', (_, own, message) => {
    expect(JSON.stringify(webhookNotifierSchema.safeParse({ ...whole, ...own }).error?.issues)).toMatch(
      message,
    );
  });
});
