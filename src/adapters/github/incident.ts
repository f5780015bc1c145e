import { z } from 'zod';
import type { EpochMs } from '../../core/units.ts';
import type { Incident } from '../../core/view/incident.ts';
import type { Forge } from '../../ports/forge.ts';
import { isMarked, markerOf, sameText } from './marker.ts';

export interface IncidentIssue extends Incident {
  /** What it is about; there is one issue for each. */
  readonly rollout: string;
  readonly since: EpochMs;
  readonly labels: readonly string[];
}

/** Clocks differ, and an issue is never older than the rollout that it is about. */
const LEEWAY = 3_600_000;
const MOST_ISSUES = 300;

const issue = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullable().optional(),
  html_url: z.string(),
});

/** Opens the one issue about a rollout, or brings it up to date. Answers with its address. */
export async function recordIncident(
  forge: Forge,
  { rollout, since, labels, title, body }: IncidentIssue,
  signal: AbortSignal,
): Promise<string> {
  const marker = markerOf('incident', rollout);
  const text = `${marker}\n${body}`;
  const from = new Date(since - LEEWAY).toISOString().replace(/\.\d+Z$/, 'Z');
  const list = {
    route: 'GET /repos/{owner}/{repo}/issues',
    params: { state: 'all', since: from, sort: 'created', direction: 'desc' },
    answer: z.array(issue).readonly(),
  };
  const found = (await forge.paginate(list, MOST_ISSUES, signal)).find((one) => isMarked(one.body, marker));
  if (found !== undefined && sameText(found.body, text)) return found.html_url;
  const create = { route: 'POST /repos/{owner}/{repo}/issues', params: { title, body: text, labels } };
  const update = {
    route: 'PATCH /repos/{owner}/{repo}/issues/{issue_number}',
    params: { issue_number: found?.number, title, body: text },
    repeatable: true,
  };
  const { html_url: url } = await forge.request(
    { ...(found === undefined ? create : update), answer: issue },
    signal,
  );
  return url;
}
