import type { z } from 'zod';
import { checklistFlaws } from './checklist-rules.ts';
import { judgeFlaws } from './judge-rules.ts';
import { kpiFlaws } from './kpi-rules.ts';
import { loadTestFlaws } from './load-test-rules.ts';
import { metricsFlaws } from './metrics-rules.ts';
import { planFlaws } from './plan-rules.ts';
import { proofFlaws } from './proof-rules.ts';
import { toConfig } from './resolve.ts';
import { fileShape, type RegisteredSchemas } from './shape.ts';
import { flawed } from './telling.ts';
import { viewOf } from './view.ts';
import { wholeFlaws } from './whole-rules.ts';

/** With more, nothing useful can be said about what is between values. */
const MOST_FLAWS = 200;

export type ConfigSchema = ReturnType<typeof buildConfigSchema>;

/**
 * The schema of the config file: the registered adapters' schemas in one shape, then the rules that must hold
 * between values. The rules run on whatever could be read, so that one run reports every problem.
 */
export function buildConfigSchema(registered: RegisteredSchemas) {
  return fileShape(registered)
    .superRefine(
      (parsed, context) => {
        if (context.issues.length > MOST_FLAWS) return;
        const view = viewOf(parsed, context.issues.flatMap(flawedPath));
        const rules = [
          wholeFlaws,
          kpiFlaws,
          metricsFlaws,
          planFlaws,
          proofFlaws,
          judgeFlaws,
          checklistFlaws,
          loadTestFlaws,
        ];
        for (const { path, ...telling } of rules.flatMap((flawsOf) => flawsOf(view))) {
          context.addIssue({ ...flawed(telling), path: [...path] });
        }
      },
      { when: () => true },
    )
    .transform(toConfig);
}

/** Where a value could not be read. A key that nobody knows leaves the values of the others as they are. */
function flawedPath(issue: z.core.$ZodRawIssue): PropertyKey[][] {
  return issue.code === 'unrecognized_keys' || issue.path === undefined ? [] : [issue.path];
}
