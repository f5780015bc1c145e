import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { canRun, hasPrometheus } from '../prometheus.ts';
import { hasAct } from './act.ts';

const HOME = resolve(import.meta.dirname, '../../..');
const missing = [
  hasAct ? '' : 'act',
  canRun('haproxy', '-v') ? '' : 'haproxy',
  hasPrometheus ? '' : 'prometheus',
  ...['deploy', 'e2e-gate', 'load-test'].map((name) =>
    existsSync(`${HOME}/actions/${name}`) ? '' : `actions/${name}`,
  ),
].filter((name) => name !== '');

/** What keeps workflows from being run on this machine, as it stands in the name of a test; empty when nothing does. */
export const needs = missing.length === 0 ? '' : ` (skipped: needs ${missing.join(', ')})`;
