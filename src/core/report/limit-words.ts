import { formatLimit, type Kpi, type Limit } from '../analysis/kpi.ts';

/** `≤ 1 %`: a limit with the signs that people write. */
export function prettyLimit(limit: Limit, unit: Kpi['unit']): string {
  return formatLimit(limit, unit).replace('<=', '≤').replace('>=', '≥');
}
