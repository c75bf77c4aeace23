// The hours of the API as the bars of a chart. Hours without any jobs are left out there, not here.

import type { History } from '../api/types';

export interface Buckets {
  starts: number[]; // milliseconds
  counts: number[][]; // per state
  totals: number[]; // per state
}

const hour = 3_600_000;

export function bucketsOf(history: History, hours: number, states: readonly string[]): Buckets {
  const perBar = hours > 168 ? 24 : hours > 24 ? 6 : 1;
  const end = Math.floor(Date.parse(history.to) / hour) * hour + hour;
  const bars = Math.ceil(hours / perBar);
  const first = end - bars * perBar * hour;
  const starts = Array.from({ length: bars }, (_, bar) => first + bar * perBar * hour);
  const counts = states.map(() => new Array<number>(bars).fill(0));
  const totals = states.map(() => 0);
  for (const entry of history.hours) {
    const row = states.indexOf(entry.state);
    const bar = Math.floor((Date.parse(entry.hour) - first) / (perBar * hour));
    const values = counts[row];
    if (!values || bar < 0 || bar >= bars) continue;
    values[bar] = (values[bar] ?? 0) + entry.count;
    totals[row] = (totals[row] ?? 0) + entry.count;
  }
  return { starts, counts, totals };
}
