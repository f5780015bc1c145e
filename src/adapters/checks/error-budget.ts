import { z } from 'zod';
import type { ErrorBudget } from '../../core/checks/freeze.ts';
import { toNumber } from '../../core/checks/http.ts';
import { valueAtPath } from '../../core/checks/json-path.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import { asking } from './asking.ts';
import { askOver } from './http.ts';
import { unreadable } from './web.ts';

const { url, method, headers, body, status } = asking;

export const errorBudget = z
  .strictObject({
    ...{ url, method, headers, 'headers-env': asking['headers-env'], body, status },
    left: z
      .string()
      .min(1)
      .meta({ examples: ['data.result.0.value.1'] })
      .describe(
        'Where in the JSON answer it stands how much is left: a path, or a JSON pointer. `data.result.0.value.1` for a query of Prometheus.',
      ),
    min: z.number().describe('With less than this left, nothing goes out. In the unit of the answer.'),
  })
  .describe('How much of the error budget must be left, asked over HTTP from whatever keeps it.');

type Asked = z.output<typeof errorBudget>;

/** What nobody can tell is no budget; only a person who breaks the freeze goes on without it. */
export async function budgetLeft(
  asked: Asked,
  context: CheckContext,
  isBroken: boolean,
  signal: AbortSignal,
): Promise<ErrorBudget> {
  try {
    return { left: await readLeft(asked, context, signal), least: asked.min };
  } catch (error) {
    if (!isBroken || signal.aborted || !(error instanceof AdapterError)) throw error;
    return { left: null, least: asked.min };
  }
}

async function readLeft(asked: Asked, context: CheckContext, signal: AbortSignal): Promise<number> {
  const facts = await askOver(asked, context, signal);
  const left = toNumber(valueAtPath(facts.json, asked.left));
  if (asked.status.includes(facts.status) && Number.isFinite(left)) return left;
  const seen = asked.status.includes(facts.status) ? 'none' : `HTTP ${facts.status}`;
  throw unreadable(`expected a number at ${asked.left} of ${facts.url}, saw ${seen}; check the query`);
}
