import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadTestResult } from '../../src/core/load/load-test-result.ts';
import { type SourceActions, sourceActions } from './source-action.ts';

export const SHA = 'a'.repeat(40);

/** A workspace of its own, in which the action runs as a process. */
export interface LoadGate {
  readonly folder: string;
  readonly write: (name: string, text: string) => void;
  /** `test` is the YAML of the load test, `staging`. */
  readonly run: (test: string, env?: Readonly<Record<string, string>>) => Promise<LoadGateEnd>;
}

export interface LoadGateEnd {
  readonly code: number | null;
  readonly result: LoadTestResult | null;
  readonly failed: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly log: string;
  /** What a check saw. */
  readonly seen: (check: string) => string;
}

export interface LoadGates {
  readonly open: () => LoadGate;
  readonly close: () => void;
}

/** So many processes at a time, so that they do not take each other's time. */
const AT_ONCE = 3;

export async function loadGates(): Promise<LoadGates> {
  const actions = await sourceActions({ 'load-test/main': ['src/actions/load-test.ts', 'loadTestMain'] });
  const turns = queue(AT_ONCE);
  return {
    open: () => gateIn(mkdtempSync(join(actions.folder, 'gate-')), actions, turns),
    close: actions.remove,
  };
}

function gateIn(folder: string, actions: SourceActions, turns: Queue): LoadGate {
  return {
    folder,
    write: (name, text) => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
    run: (test, env = {}) =>
      turns(async () => {
        const indented = test.trim().replaceAll('\n', '\n    ');
        const config = `version: 1\nservice: booking-api\nload-tests:\n  staging:\n    ${indented}\n`;
        writeFileSync(join(folder, 'deploy-canary.yml'), config);
        const inputs = {
          config: 'deploy-canary.yml',
          environment: 'staging',
          version: 'v2',
          report: 'page.html',
        };
        const around = { GITHUB_SHA: SHA, ...env };
        return endOf(await actions.play('load-test/main', inputs, around, {}, folder));
      }),
  };
}

function endOf({ code, outputs, summary, log }: Awaited<ReturnType<SourceActions['play']>>): LoadGateEnd {
  const result: LoadTestResult | null = outputs.result === undefined ? null : JSON.parse(outputs.result);
  const seen = (check: string): string => {
    const finding = result?.findings.find((one) => one.check === check);
    return finding === undefined ? log : `${finding.status}: ${finding.observed}`;
  };
  return { code, result, failed: result?.failed ?? [], outputs, summary, log, seen };
}

type Queue = <T>(work: () => Promise<T>) => Promise<T>;

function queue(most: number): Queue {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      waiting.shift()?.();
    }
  };
}
