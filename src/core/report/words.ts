import type { FindingStatus } from '../checks/finding.ts';
import { type EpochMs, formatDuration, type Milliseconds, type Percent } from '../units.ts';
import { clip, oneLine } from './plain-text.ts';

/** A commit SHA by its first seven digits; a tag as it is, within reason. */
export function shortVersion(version: string): string {
  return /^[0-9a-f]{40}$/.test(version) ? version.slice(0, 7) : clip(oneLine(version), 40);
}

export function formatPercent(weight: Percent): string {
  return `${Number(weight.toFixed(1))} %`;
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `0:07`, `12:40`, `1:02:05`: time since the start, as a stopwatch shows it. */
export function formatClock(ms: Milliseconds): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `12m 40s of 30m`: how much of something planned was served. */
export function formatServed(served: Milliseconds, planned: Milliseconds): string {
  return `${served === 0 ? 'none' : formatDuration(served)} of ${formatDuration(planned)}`;
}

const LAST_INSTANT = 8.64e15;

/** `2026-11-23 14:02:10 UTC`. */
export function formatInstant(at: EpochMs): string {
  if (!(Math.abs(at) <= LAST_INSTANT)) return 'at an unknown time';
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

interface StatusWords {
  readonly mark: string;
  readonly word: string;
}

/** Every status by a mark and a word, so that colour never carries it alone. */
export const STATUS_WORDS: Readonly<Record<FindingStatus, StatusWords>> = {
  pass: { mark: '✓', word: 'pass' },
  fail: { mark: '✗', word: 'fail' },
  warn: { mark: '!', word: 'warning' },
  'no-data': { mark: '?', word: 'no data' },
  error: { mark: '!', word: 'error' },
  skipped: { mark: '–', word: 'skipped' },
  waived: { mark: '–', word: 'waived' },
};
