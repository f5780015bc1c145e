import type { Kpi } from '../analysis/kpi.ts';
import { joinLines, type Markdown, md } from '../report/markdown.ts';
import { clip, oneLine, utf8Bytes } from '../report/plain-text.ts';
import { renderSummary } from '../report/summary.ts';
import { formatInstant, shortVersion } from '../report/words.ts';
import { type Result, toResult } from '../result.ts';
import type { Rollout, ServiceRecord } from '../rollout/record.ts';

/** GitHub takes 65,536 characters for the body of an issue or a comment. */
export const BODY_LENGTH = 65_535;
/** A title has room for 256 characters. */
const TITLE_LENGTH = 200;
/** Nothing that could end the link and begin something else. */
const LINK = /^https?:\/\/[^\s()<>"'`]+$/;

/** One issue for each rollout that went wrong: what, when, which KPI, who was exposed, what was done. */
export interface Incident {
  readonly title: string;
  /** Markdown of at most BODY_LENGTH bytes, and so of at most as many characters. */
  readonly body: string;
}

export function incidentOf(record: ServiceRecord, rollout: Rollout, kpis: readonly Kpi[]): Incident {
  const result = resultOf(record, rollout);
  const head = joinLines([md`${whatWasDone(rollout)}`, md``, timeLine(rollout), md``]);
  const { url } = rollout.owner;
  const tail = url !== undefined && LINK.test(url) ? `\n[The run that did it](${url})\n` : '';
  const room = BODY_LENGTH - 1_000 - utf8Bytes(head.markdown) - utf8Bytes(tail);
  const story = renderSummary({ result, record, series: null, kpis, maxBytes: room });
  return { title: titleOf(record, rollout), body: `${head.markdown}\n${story}${tail}` };
}

function titleOf({ service, environment }: ServiceRecord, rollout: Rollout): string {
  const version = rollout.kind === 'rollback' ? rollout.stable?.version : rollout.canary.version;
  const what = `${shortVersion(version ?? 'a version')} of ${service} was rolled back in ${environment}`;
  return clip(oneLine(what), TITLE_LENGTH);
}

function whatWasDone(rollout: Rollout): string {
  const { kind, canary, stable, phase, requestedBy, owner } = rollout;
  const home = stable === null ? 'no version' : shortVersion(stable.version);
  if (kind === 'rollback')
    return `${oneLine(requestedBy ?? owner.name)} put all traffic back from ${home} to ${shortVersion(canary.version)}.`;
  if (phase.name === 'aborting')
    return `All traffic is on its way back to ${home}. This is not confirmed yet: see where it is.`;
  return `All traffic was put back on ${home}, and the router confirmed it.`;
}

function timeLine({ startedAt, endedAt }: Rollout): Markdown {
  const ended = endedAt === null ? 'has not ended' : `ended ${formatInstant(endedAt)}`;
  return md`The rollout began ${formatInstant(startedAt)} and ${ended}.`;
}

/** The record as the renderer knows it. Where traffic is now is only told when the record is sure. */
function resultOf(record: ServiceRecord, rollout: Rollout): Result {
  const { phase, reason } = rollout;
  const well = phase.name === 'restored' && rollout.verification?.outcome !== 'fail';
  const weight = phase.name === 'restored' ? 100 : phase.name === 'aborting' ? null : 0;
  return toResult(record, {
    operation: rollout.kind === 'rollback' ? 'rollback' : 'canary',
    verdict: well ? 'pass' : 'fail',
    reasonCode: reason?.code ?? 'internal-error',
    message: reason?.message ?? 'no reason was recorded',
    weight,
    warnings: [],
  });
}
