// How many jobs ended per second, from differences of the lifetime counters. Kept here, outside any
// page, so that the graph is still there when one comes back to it.

import { signal } from '@preact/signals';
import type { Overview } from '../api/types';

export const rateStates = ['Succeeded', 'Failed', 'Deleted'] as const;
export interface Rate {
  at: number; // milliseconds
  perSecond: number[]; // in the order of rateStates
}

const keptMilliseconds = 90_000;
export const rates = signal<Rate[]>([]);
let last: { at: number; lifetime: Record<string, number> } | null = null;

/** The rate between two snapshots, or null when they are the same one or the counters went back. */
export function rateBetween(
  before: { at: number; lifetime: Record<string, number> },
  after: { at: number; lifetime: Record<string, number> },
): Rate | null {
  const seconds = (after.at - before.at) / 1000;
  if (seconds < 0.05) return null;
  const perSecond = rateStates.map((state) => {
    const difference = (after.lifetime[state] ?? 0) - (before.lifetime[state] ?? 0);
    return Math.max(0, difference / seconds);
  });
  return { at: after.at, perSecond };
}

export function addSample(overview: Overview): void {
  const sample = { at: Date.parse(overview.now), lifetime: overview.lifetime };
  // After a long break the mean over it would be drawn as one flat stretch of lies.
  const usable = last !== null && sample.at - last.at < 15_000;
  const rate = usable && last ? rateBetween(last, sample) : null;
  if (last === null || sample.at > last.at) last = sample;
  if (!rate) return;
  const kept = rates.value.filter((each) => each.at > rate.at - keptMilliseconds);
  rates.value = [...kept, rate];
}
