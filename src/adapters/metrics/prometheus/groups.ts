import type { Matcher, Selector } from '../../../core/analysis/selector.ts';
import { formatSelector } from '../../../core/analysis/selector.ts';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import type { KpiSource, MetricsSpec } from '../../../ports/metrics-provider.ts';
import { bucketOf } from '../sources.ts';

/** How Prometheus tells the service, and its two slots, from everything else that it knows. */
export interface Labelling {
  readonly slotLabel: string;
  /** The label's value for each slot. */
  readonly slots: Readonly<Record<Slot, string>>;
  /** Put on every selector. */
  readonly matchers: readonly Matcher[];
}

/** Metrics that one request reads. */
export interface Group {
  readonly names: readonly string[];
  readonly matchers: readonly Matcher[];
}

interface Use {
  readonly selector: Selector;
  readonly isPerArm: boolean;
}

/** Tells when a target was read, and when its process began. */
export const UP = 'up';
export const PROCESS_START = 'process_start_time_seconds';

/**
 * The fewest requests that no series can come in twice: each metric is read once, with the matchers that all its
 * selectors share, and metrics with the same matchers are read together. What else the selectors say is
 * looked at here.
 */
export function groupsOf(spec: MetricsSpec, labelling: Labelling): readonly Group[] {
  const uses = [
    ...spec.sources.flatMap((source) =>
      selectorsOf(source).map((selector) => ({ selector, isPerArm: source.scope === 'per-arm' })),
    ),
    ...(spec.traffic ?? []).map((selector) => ({ selector, isPerArm: true })),
  ];
  const groups = new Map<string, Group>();
  for (const name of new Set(uses.map(({ selector }) => selector.metric))) {
    const own = uses.filter(({ selector }) => selector.metric === name);
    const matchers = [...labelling.matchers, ...sharedMatchers(own), ...slotMatcher(own, labelling)];
    const key = JSON.stringify(matchers);
    groups.set(key, { names: [...(groups.get(key)?.names ?? []), name], matchers });
  }
  return [...groups.values()];
}

/** What says of the targets of both slots that they were read. */
export function presenceGroup(labelling: Labelling): Group {
  return { names: [UP, PROCESS_START], matchers: [...labelling.matchers, eitherSlot(labelling)] };
}

/** A range selector: raw samples, as they were scraped. */
export function rangeOf({ names, matchers }: Group, range: Milliseconds): string {
  const [name = ''] = names;
  const either: Matcher = { label: '__name__', operator: '=~', value: names.join('|') };
  const selector =
    names.length === 1 ? { metric: name, matchers } : { metric: '', matchers: [either, ...matchers] };
  return `${formatSelector(selector)}[${Math.max(1, Math.ceil(range))}ms]`;
}

function selectorsOf(source: KpiSource): readonly Selector[] {
  switch (source.type) {
    case 'events':
      return [...source.bad, ...source.total];
    case 'good-events':
      return [...source.good, ...source.total];
    case 'histogram':
      return [bucketOf(source.histogram), source.histogram];
    case 'gauge':
      return source.dividedBy === null ? [source.value] : [source.value, source.dividedBy];
  }
}

function sharedMatchers(uses: readonly Use[]): readonly Matcher[] {
  const [first, ...rest] = uses.map(({ selector }) => selector.matchers);
  return (first ?? []).filter((matcher) =>
    rest.every((others) => others.some((one) => isSame(one, matcher))),
  );
}

function isSame(one: Matcher, other: Matcher): boolean {
  return one.label === other.label && one.operator === other.operator && one.value === other.value;
}

function slotMatcher(uses: readonly Use[], labelling: Labelling): readonly Matcher[] {
  return uses.every(({ isPerArm }) => isPerArm) ? [eitherSlot(labelling)] : [];
}

function eitherSlot({ slotLabel, slots }: Labelling): Matcher {
  const value = [slots.a, slots.b].map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return { label: slotLabel, operator: '=~', value };
}
