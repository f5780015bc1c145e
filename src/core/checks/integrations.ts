import { type Answer, counted } from './answer.ts';

/** What was seen of one third party. */
export interface Integration {
  readonly name: string;
  readonly url: string;
  readonly flaws: readonly string[];
  /** Why it could not be asked at all; null when it could. */
  readonly silence: string | null;
}

/** One third party that is not well keeps the gate shut; one that could not be asked leaves it undecided. */
export function decideIntegrations(all: readonly Integration[]): Answer {
  const expected = `${all.map(({ name }) => name).join(', ')} operational`;
  const wrong = all.filter(({ flaws }) => flaws.length > 0);
  const silent = all.filter(({ silence }) => silence !== null);
  const ill = wrong.length > 0 || silent.length > 0 ? [...wrong, ...silent] : all;
  const evidence = ill.slice(0, 5).map(({ name, url }) => ({ label: name, url }));
  const observed = [
    ...wrong.map(({ name, flaws }) => `${name}: ${flaws.join(', ')}`),
    ...silent.map(({ name, silence }) => `${name}: ${silence ?? ''}`),
  ].join('; ');
  const fix = 'wait until they are well again, or see your fallback';
  if (wrong.length > 0) return { status: 'fail', code: 'not-met', observed, expected, evidence, fix };
  if (silent.length > 0) return { status: 'error', code: 'unavailable', observed, expected, evidence, fix };
  return {
    status: 'pass',
    code: 'met',
    observed: `${counted(all.length, 'service')} operational`,
    expected,
    evidence,
  };
}
