import { latencyId, resourceId } from '../core/load/judge-load-test.ts';
import { formatDuration } from '../core/units.ts';
import type { Flaw } from './telling.ts';
import type { LoadTestView, View } from './view.ts';

/** A test that makes no load and reads of none, asks somebody who cannot answer, or is over before it may pass. */
export function loadTestFlaws({ 'load-tests': tests = {}, environments = {} }: View): Flaw[] {
  return Object.entries(tests).flatMap(([name, test]) => {
    if (test === undefined) return [];
    const path = ['load-tests', name];
    const own = Object.hasOwn(environments, name) ? environments[name] : undefined;
    const metrics = test.given.includes('metrics') ? test.metrics : own?.metrics;
    return [
      ...sourceFlaws(test, path),
      ...metricsFlaws(test, metrics, path),
      ...durationFlaws(test, path),
      ...keepingFlaws(test, path),
      ...doubledResources(test, path),
    ];
  });
}

function sourceFlaws({ given }: LoadTestView, path: string[]): Flaw[] {
  if (given.includes('generate') || given.includes('reports')) return [];
  return [
    {
      path,
      expected: '`generate` or `reports`',
      seen: 'neither of them',
      fix: 'say what makes the load, or where its reports lie',
    },
  ];
}

function metricsFlaws(test: LoadTestView, metrics: LoadTestView['metrics'], path: string[]): Flaw[] {
  const asks = [
    ...(test.isQueried ? ['normal'] : []),
    ...((test.resources ?? []).length > 0 ? ['resources'] : []),
  ];
  const [first] = asks;
  if (first === undefined || isAble(metrics, test)) return [];
  const seen = metrics?.type === undefined ? 'none' : `'${metrics.type}', which only reads what is there now`;
  return [
    {
      path: [...path, first],
      expected: 'a metrics provider that answers queries',
      seen,
      fix: 'add `metrics: { type: prometheus, url: … }` to the load test',
    },
  ];
}

/** A provider that is there and was not made was complained about already. */
function isAble(metrics: LoadTestView['metrics'], { given }: LoadTestView): boolean {
  const isUnread = given.includes('metrics') && metrics?.create === undefined;
  return isUnread || metrics?.figures !== undefined;
}

function durationFlaws({ generate, hold }: LoadTestView, path: string[]): Flaw[] {
  const lasts = generate?.duration;
  if (lasts === undefined || lasts === null || hold === undefined || lasts >= hold) return [];
  return [
    {
      path: [...path, 'generate', 'duration'],
      expected: `at least the hold of ${formatDuration(hold)}`,
      seen: formatDuration(lasts),
      fix: 'make it longer than `hold`, by a few seconds at least',
    },
  ];
}

function keepingFlaws({ given }: LoadTestView, path: string[]): Flaw[] {
  if (!given.includes('regression') || given.includes('accepted')) return [];
  return [
    {
      path: [...path, 'regression'],
      expected: '`accepted:` beside it',
      seen: 'no such key',
      fix: 'say where accepted runs are kept: `accepted: { type: github }`',
    },
  ];
}

function doubledResources({ resources = [] }: LoadTestView, path: string[]): Flaw[] {
  const ids = resources.map(({ name = '' }) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-'));
  return ids.flatMap((id, index) => {
    if (id === '' || ids.indexOf(id) === index) return [];
    return {
      path: [...path, 'resources', index, 'name'],
      expected: 'a name that no other resource has',
      seen: `'${resources[index]?.name}' twice`,
      fix: 'rename one of them',
    };
  });
}

/** Ids of the checks that a load test has, for waivers. */
export function loadTestIds({ latency = { p95: null }, resources = [], given }: LoadTestView): string[] {
  return [
    ...['report', 'version', 'duration', 'size', 'load', 'coordinated-omission', 'error-rate'],
    ...Object.keys(latency).map((key) => latencyId(Number(key.slice(1)) / 100)),
    ...resources.flatMap(({ name }) => (name === undefined ? [] : [resourceId(name)])),
    ...(given.includes('checks') ? ['checks'] : []),
    ...(given.includes('regression') ? ['regression'] : []),
  ];
}
