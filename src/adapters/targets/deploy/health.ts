import { z } from 'zod';
import type { Answer } from '../../../core/checks/answer.ts';
import type { Finding } from '../../../core/checks/finding.ts';
import type { Assertion } from '../../../core/checks/http.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { Verification } from '../../../ports/deploy-service.ts';
import {
  checkPlaceholders,
  checkVersionPlace,
  healthFields,
  isHealthUrl,
  refuse,
} from '../command-schema.ts';
import { answersNow, checkHealth, type HealthSpec, versionNow } from '../health-check.ts';
import { fill } from '../placeholders.ts';
import { fillIn } from './program.ts';

/** Placeholders of a service that has no slots. */
export const KNOWN = ['version', 'service', 'environment'] as const;

export const placeUrl = z
  .string()
  .meta({ examples: ['https://staging.example.com/healthz'] })
  .superRefine((text, context) => {
    checkPlaceholders(text, KNOWN, context);
    const filled = fill(text, { version: 'v', service: 's', environment: 'e' });
    if (isHealthUrl(filled)) return;
    if (URL.canParse(filled) && /^https?:$/.test(new URL(filled).protocol))
      refuse(context, 'a URL without credentials', 'take the name and the password out of it');
    else refuse(context, 'an http or https URL', 'begin it with https://');
  });

export function healthSchema(assertion: z.ZodType<Assertion>) {
  return z
    .strictObject({
      url: placeUrl.describe(
        'Asked with GET, redirects not followed. Takes {version}, {service} and {environment}.',
      ),
      ...healthFields,
      assert: z.array(assertion).max(50).prefault([]).describe('What must hold for a JSON answer.'),
    })
    .superRefine(checkVersionPlace)
    .describe('How to see that exactly this version answers, and that it is well.');
}

type Health = z.output<ReturnType<typeof healthSchema>>;

/** Asks the service itself. */
export function healthVerification(config: Health): Verification {
  const spec = specOf(config);
  return {
    kind: 'health',
    answers: (context, subject, signal) =>
      answersNow(fillIn(config.url, context, subject), subject, spec, signal),
    running: (context, subject, signal) => versionNow(fillIn(config.url, context, subject), spec, signal),
    check: async (context, subject, signal) => {
      const looked = { version: subject.version, where: '' };
      const url = fillIn(config.url, context, subject);
      const findings = await checkHealth(url, looked, spec, context.clock, signal);
      return findings.map((finding) => ({
        check: finding.check,
        title: finding.title,
        answer: answerOf(finding, url),
      }));
    },
  };
}

function specOf(config: Health): HealthSpec {
  const header = config['version-header'];
  return {
    status: config.status,
    version:
      header === undefined
        ? { kind: 'field', path: config['version-field'] ?? '' }
        : { kind: 'header', name: header },
    timeout: config.timeout,
    consecutive: config.consecutive,
    interval: config.interval,
    deadline: config.deadline,
    maxLatency: config['max-latency'] ?? null,
    assertions: config.assert,
  };
}

const CODES = { pass: 'met', fail: 'not-met', 'no-data': 'missing', error: 'timed-out' } as const;

function answerOf({ status, observed, expected, detail }: Finding, url: string): Answer {
  if (status !== 'pass' && status !== 'fail' && status !== 'no-data' && status !== 'error')
    throw new AdapterError('deploy', 'invalid-answer', `health is never ${status}`, { retryable: false });
  const told = detail === undefined ? {} : { detail };
  const fix =
    status === 'pass' ? {} : { fix: 'see its log, and why this version does not answer as it should' };
  return {
    status,
    code: CODES[status],
    observed,
    expected,
    ...told,
    ...fix,
    evidence: [{ label: 'asked', url }],
  };
}
