import { computed, signal } from '@preact/signals';
import { get } from '../api/client';
import { tick } from '../api/live';
import type { Bulk } from '../api/types';

/** Bulk actions that the server remembers, newest first. */
export const bulks = signal<Bulk[]>([]);
export const runningBulks = computed(() =>
  bulks.value.filter((each) => each.state === 'running' && !each.dry_run),
);

export function learnBulk(bulk: Bulk): void {
  const others = bulks.value.filter((each) => each.id !== bulk.id);
  bulks.value = [bulk, ...others].sort((a, b) => b.started_at.localeCompare(a.started_at));
}

export async function loadBulks(): Promise<void> {
  const answer = await get<{ bulks: Bulk[] }>('bulk');
  bulks.value = answer.bulks.sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/** Others may have started some too, so this goes on with every tick. */
export function watchBulks(): void {
  let busy = false;
  tick.subscribe(() => {
    if (busy) return;
    busy = true;
    loadBulks()
      .catch(() => undefined) // The banner tells of lost connections.
      .finally(() => (busy = false));
  });
}
