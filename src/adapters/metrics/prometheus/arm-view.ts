import type { ArmKey, ArmView, Instance } from '../arms.ts';
import type { Series } from '../series.ts';
import type { Query } from '../sources.ts';
import type { Group, Labelling } from './groups.ts';
import type { Target } from './history.ts';

/** What one look at a group of metrics brought. */
export type Looked =
  | { readonly kind: 'read'; readonly group: Group; readonly targets: readonly Target[] }
  | { readonly kind: 'unread'; readonly group: Group; readonly why: string };

/** An arm as the groups that a query reads show it. */
export function viewArm(
  arm: ArmKey,
  query: Query,
  looked: readonly Looked[],
  labelling: Labelling & { readonly url: string },
): ArmView {
  const { slotLabel, slots, url } = labelling;
  const needed = looked.filter(({ group }) => group.names.some((name) => query.metrics.includes(name)));
  const isOwn = ({ labels }: Series): boolean => arm === 'shared' || labels.get(slotLabel) === slots[arm];
  const reasons = new Set(needed.flatMap((one) => (one.kind === 'unread' ? [one.why] : [])));
  const targets = needed.flatMap((one) => (one.kind === 'read' ? one.targets : []));
  return {
    arm,
    instances: merged(targets).map((one) => ownPart(one, isOwn)),
    failures: [...reasons].map((why) => ({ why })),
    place: arm === 'shared' ? url : `${url} with ${slotLabel}="${slots[arm]}"`,
  };
}

function ownPart(
  { address, gauges, counted, natives }: Instance,
  isOwn: (series: Series) => boolean,
): Instance {
  return {
    address,
    gauges: gauges.filter(isOwn),
    counted: counted.filter(({ series }) => isOwn(series)),
    natives: natives.filter(({ series }) => isOwn(series)),
  };
}

/** Each target once, whatever groups its metrics were read in. */
function merged(targets: readonly Target[]): readonly Instance[] {
  const byKey = new Map<string, Target>();
  for (const target of targets) {
    const known = byKey.get(target.key);
    byKey.set(
      target.key,
      known === undefined
        ? target
        : {
            ...known,
            gauges: [...known.gauges, ...target.gauges],
            counted: [...known.counted, ...target.counted],
            natives: [...known.natives, ...target.natives],
          },
    );
  }
  return [...byKey.values()];
}
