import { computed, signal } from '@preact/signals';
import type { Session } from '../api/types';

export const session = signal<Session | null>(null);

/** Whether changes are offered at all. The server decides again with each request. */
export const mayAct = computed(
  () => session.value !== null && !session.value.read_only && session.value.role !== 'viewer',
);
