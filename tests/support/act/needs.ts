import { canRun } from '../can-run.ts';
import { hasPrometheus } from '../prometheus.ts';
import { hasAct } from './act.ts';

const missing = [
  hasAct ? '' : 'act',
  canRun('haproxy', '-v') ? '' : 'haproxy',
  hasPrometheus ? '' : 'prometheus',
].filter((name) => name !== '');

/** What keeps workflows from being run on this machine, as it stands in the name of a test; empty when nothing does. */
export const needs = missing.length === 0 ? '' : ` (skipped: needs ${missing.join(', ')})`;
