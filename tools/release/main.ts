// Before a tag is released: node --import ./tools/register.mjs tools/release/main.ts v1.2.3 [--outputs FILE]
// Checks a checkout of the tag, and says which tag people follow moves. It changes nothing but the build, which must be the same.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkRelease } from './check.ts';
import type { ReleasePlan } from './plan.ts';

type Released = Extract<ReleasePlan, { ok: true }>;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    outputs: { type: 'string' },
    remote: { type: 'string', default: 'origin' },
  },
});
const [tag = ''] = positionals;
const { checks, plan, notes } = checkRelease(process.cwd(), tag, values.remote);
for (const { what, problems } of checks) {
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${what}`);
  for (const problem of problems) console.error(`::error::${problem}`);
}
if (!plan.ok || checks.some(({ problems }) => problems.length > 0)) process.exit(1);
console.log(
  plan.moves === null
    ? plan.why
    : `${plan.moves.tag} moves from ${plan.moves.from ?? 'nowhere'}: ${plan.why}`,
);
if (values.outputs !== undefined) appendFileSync(values.outputs, outputsOf(plan, notes));

/** As a step tells them to the runner; the notes may have any line in them but the one that ends them. */
function outputsOf({ moves, isPrerelease }: Released, text: string): string {
  const end = `end-${randomUUID()}`;
  return `moves=${moves?.tag ?? ''}\nprerelease=${isPrerelease}\nnotes<<${end}\n${text}\n${end}\n`;
}
