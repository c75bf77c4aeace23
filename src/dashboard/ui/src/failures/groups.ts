import type { FailureGroup } from '../api/types';

/** Groups of several answers are one when their keys are the same. The greatest come first. */
export function addGroups(groups: readonly FailureGroup[]): FailureGroup[] {
  const sums = new Map<string, FailureGroup>();
  for (const group of groups) {
    const sum = sums.get(group.key);
    if (!sum) {
      sums.set(group.key, { ...group, trend: [...group.trend] });
      continue;
    }
    sum.count += group.count;
    sum.trend = sum.trend.map((value, hour) => value + (group.trend[hour] ?? 0));
    if (group.first < sum.first) sum.first = group.first;
    if (group.last > sum.last) sum.last = group.last;
  }
  return [...sums.values()].sort((a, b) => b.count - a.count || a.key.localeCompare(b.key));
}
