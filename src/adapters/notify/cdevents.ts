import type { Result } from '../../core/result.ts';
import type { EpochMs } from '../../core/units.ts';

/** The release of the specification whose events these are. */
const SPEC = '0.5.1';
const STANDARD = {
  deployed: 'dev.cdevents.service.deployed.0.3.0',
  upgraded: 'dev.cdevents.service.upgraded.0.3.0',
  rolledback: 'dev.cdevents.service.rolledback.0.3.0',
  detected: 'dev.cdevents.incident.detected.0.3.0',
} as const;

export interface CdEvent {
  readonly context: {
    readonly specversion: string;
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly timestamp: string;
  };
  readonly subject: { readonly id: string; readonly content: Readonly<Record<string, unknown>> };
  readonly customData: Result;
  readonly customDataContentType: 'application/json';
}

export interface CdEventNames {
  readonly id: string;
  readonly source: string;
  /** A package URL with `{service}` and `{version}`. */
  readonly artifact: string;
  /** When the rollout does not say when it ended. */
  readonly now: EpochMs;
}

/** One CDEvent for each result that is told; what the vocabulary has no event for is a custom one. */
export function cdEventOf(result: Result, names: CdEventNames): CdEvent {
  const { type, subject } = meaningOf(result, names.artifact);
  const timestamp = new Date(result.endedAt ?? names.now).toISOString();
  return {
    context: { specversion: SPEC, id: names.id, source: names.source, type, timestamp },
    subject,
    customData: result,
    customDataContentType: 'application/json',
  };
}

type Meaning = Pick<CdEvent, 'subject'> & { readonly type: string };

function meaningOf(result: Result, artifact: string): Meaning {
  const { state, version, stableVersion } = result;
  if (result.reasonCode === 'traffic-not-home') return incident(result, artifact);
  if (state === 'promoted' || state === 'restored') {
    return version === null ? custom(result) : serviceEvent(arrivalOf(result), result, artifact, version);
  }
  const isBack = state === 'aborted' && result.kind === 'canary' && mayHaveServed(result);
  if (!isBack || stableVersion === null) return custom(result);
  return serviceEvent('rolledback', result, artifact, stableVersion);
}

function arrivalOf({ kind }: Result): 'deployed' | 'upgraded' | 'rolledback' {
  if (kind === 'rollback') return 'rolledback';
  return kind === 'first' ? 'deployed' : 'upgraded';
}

/**
 * A version that could not be started is no change of the service. Any other may have had traffic, even where a killed
 * run could count none of it.
 */
function mayHaveServed({ exposed, steps, reasonCode }: Result): boolean {
  if (exposed.requests > 0 || steps.some(({ servedMs }) => servedMs > 0)) return true;
  return reasonCode !== 'deploy-failed' && reasonCode !== 'health-failed';
}

function serviceEvent(
  predicate: 'deployed' | 'upgraded' | 'rolledback',
  { service, environment }: Result,
  artifact: string,
  version: string,
): Meaning {
  const artifactId = artifactOf(artifact, service, version);
  return {
    type: STANDARD[predicate],
    subject: { id: service, content: { environment: { id: environment }, artifactId } },
  };
}

function incident(result: Result, artifact: string): Meaning {
  const { service, environment, version, message, rolloutId } = result;
  const content = {
    description: message,
    environment: { id: environment },
    service: { id: service },
    ...(version === null ? {} : { artifactId: artifactOf(artifact, service, version) }),
  };
  return { type: STANDARD.detected, subject: { id: rolloutId ?? service, content } };
}

function custom({ service, environment, state, rolloutId, reasonCode }: Result): Meaning {
  const content = { environment: { id: environment }, service: { id: service }, reasonCode };
  // The specification takes letters alone.
  const predicate = state.replaceAll('-', '');
  return {
    type: `dev.cdeventsx.deploycanary-rollout.${predicate}.0.1.0`,
    subject: { id: rolloutId ?? service, content },
  };
}

function artifactOf(template: string, service: string, version: string): string {
  const filled: Readonly<Record<string, string>> = { service, version };
  return template.replace(/\{(service|version)\}/g, (_, name: string) =>
    encodeURIComponent(filled[name] ?? ''),
  );
}
