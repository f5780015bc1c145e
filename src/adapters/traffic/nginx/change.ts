import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import { type ProgramOptions, runProgram } from '../program.ts';
import { PROVIDER } from './snippet.ts';
import type { SnippetFile } from './snippet-file.ts';
import type { Call, KeptLine, Status, Told } from './status.ts';

export interface NginxPrograms extends ProgramOptions {
  readonly test: readonly string[];
  readonly reload: readonly string[];
}

export interface Tools {
  readonly programs: NginxPrograms;
  readonly context: AdapterContext;
  readonly file: SnippetFile;
  readonly status: Status;
}

const PROBE_PAUSE = 15;
/** Workers leave one after the other, some milliseconds apart. */
const SURE_AFTER = 5;

/**
 * Puts a new snippet in force: writes it, has nginx test it, has it reload, and waits until its workers tell the
 * new generation and the old ones take nobody in any more. Whatever says no before that has the old file put back.
 */
export async function putInForce(
  tools: Tools,
  next: { readonly text: string; readonly generation: string },
  before: string | null,
  call: Call,
): Promise<Told> {
  const line = await tools.status.hold(call);
  try {
    await tools.file.write(next.text);
    await tested(tools, before, call);
    await reloaded(tools, before, call);
    const told = await served(tools, next.generation, before, call);
    await oldWorkersLeave(tools.status, next.generation, line, call);
    return told;
  } finally {
    line.release();
  }
}

async function tested(tools: Tools, before: string | null, call: Call): Promise<void> {
  try {
    await run(tools, 'test', call);
  } catch (error) {
    const kept = await putBack(tools.file, before);
    if (!isRefusal(error)) throw error;
    const others = await run(tools, 'test', call).then(
      () => null,
      (again: unknown) => again,
    );
    throw others === null ? oursIsRefused(error, kept) : theirsIsBroken(others, kept);
  }
}

function oursIsRefused(error: unknown, kept: string): AdapterError {
  const said = `nginx does not take the new snippet: ${messageOf(error)}`;
  return refused(
    `${said}; compare \`upstreams\`, \`split-by\` and \`status\` with nginx.conf. ${kept}`,
    error,
  );
}

function theirsIsBroken(error: unknown, kept: string): AdapterError {
  const said = `nginx.conf is broken without the new weights, too: ${messageOf(error)}`;
  return refused(`${said}; mend it: until then no weight can be shifted, not even to 0. ${kept}`, error);
}

/** A reload of which nobody knows the end is left to what the workers say. */
async function reloaded(tools: Tools, before: string | null, call: Call): Promise<void> {
  try {
    await run(tools, 'reload', call);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const kept = await putBack(tools.file, before);
    throw refused(`nginx could not be reloaded: ${messageOf(error)}; check that it runs. ${kept}`, error);
  }
}

async function served(
  { status, file, programs }: Tools,
  generation: string,
  before: string | null,
  call: Call,
) {
  for (;;) {
    const told = await status.ask(call).catch((error: unknown) => notYet(error, call));
    if (told?.generation === generation) return told;
    await pause(PROBE_PAUSE, undefined, { signal: call.until }).catch(() => undefined);
    if (call.signal.aborted) throw cancelled();
    if (!call.until.aborted) continue;
    const kept = await putBack(file, before);
    const message =
      `nginx was told to reload, but ${formatDuration(programs.timeout)} later its workers did not serve the new weights; ` +
      `check that nginx.conf includes ${file.path}, and look into its error log. ${kept}`;
    throw new AdapterError(PROVIDER, 'timeout', message, { retryable: true });
  }
}

function notYet(error: unknown, { until }: Call): null {
  if (until.aborted) return null;
  throw error;
}

/** An old worker closes its idle connections when it stops to take new ones. */
async function oldWorkersLeave(
  status: Status,
  generation: string,
  line: KeptLine,
  call: Call,
): Promise<void> {
  const over = new Promise<void>((resolve) => {
    if (call.until.aborted) resolve();
    call.until.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([line.closed, over]);
  for (let sure = 0; sure < SURE_AFTER && !call.until.aborted; ) {
    const told = await status.ask(call).catch((error: unknown) => notYet(error, call));
    sure = told?.generation === generation ? sure + 1 : 0;
  }
  if (call.signal.aborted) throw cancelled();
  if (!call.until.aborted) return;
  const message = 'the new weights are served, but workers with the old ones still take connections';
  throw new AdapterError(PROVIDER, 'timeout', message, { retryable: true });
}

function run({ programs, context }: Tools, what: 'test' | 'reload', { until }: Call): Promise<string> {
  const argv = programs[what];
  return runProgram(`\`${argv.join(' ')}\``, argv, programs, context, until);
}

/** It ran and said no, or could not run at all; not: it was stopped on the way. */
function isRefusal(error: unknown): error is AdapterError {
  return error instanceof AdapterError && (error.code === 'exit-code' || error.code === 'refused');
}

async function putBack(file: SnippetFile, before: string | null): Promise<string> {
  try {
    await file.write(before);
    return 'The old weights are served, and the old snippet is in its place';
  } catch (error) {
    return `THE NEW WEIGHTS ARE STILL IN THE FILE and come into force with anybody's reload: ${messageOf(error)}`;
  }
}

function cancelled(): AdapterError {
  return new AdapterError(PROVIDER, 'timeout', 'the call was cancelled', { retryable: false });
}

function refused(message: string, cause: unknown): AdapterError {
  return new AdapterError(PROVIDER, 'refused', message, { retryable: false, cause });
}
