import type { Kpi } from '../../core/analysis/kpi.ts';

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as blocks, newest last; full height is the worst that the alert limit allows, and beyond. */
export function sparkline(values: readonly (number | null)[], kpi: Kpi | null, width: number): string {
  const shown = values.slice(-width);
  const { from, to } = rangeOf(shown, kpi);
  return shown.map((value) => (value === null ? '·' : block((value - from) / (to - from)))).join('');
}

function block(share: number): string {
  const height = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  return BLOCKS[Math.round(height * (BLOCKS.length - 1))] ?? '▁';
}

/** What is drawn lowest and highest: for small-is-good from zero to the limit, for large-is-good from the limit up. */
function rangeOf(
  values: readonly (number | null)[],
  kpi: Kpi | null,
): { readonly from: number; readonly to: number } {
  const known = values.filter((value) => value !== null);
  const most = Math.max(0, ...known);
  if (kpi === null) return { from: Math.min(0, ...known), to: most || 1 };
  const limit = kpi.alert.value;
  if (kpi.alert.comparator.startsWith('<'))
    return { from: limit, to: kpi.unit === 'ratio' ? 1 : Math.max(most, limit + 1) };
  return { from: 0, to: limit > 0 ? limit : most || 1 };
}
