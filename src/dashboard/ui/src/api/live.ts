// One stream of events for the whole page. Lists do not listen to it themselves: they refresh when
// `tick` changes, which happens only as often as the settings say and only while the page is seen.

import { signal } from '@preact/signals';
import { learnServerTime } from '../state/clock';
import { settings } from '../state/settings';
import { addSample } from '../state/rates';
import { apiUrl } from './client';
import type { Overview } from './types';

export const overview = signal<Overview | null>(null);
export const connection = signal<'connecting' | 'open' | 'lost'>('connecting');
export const tick = signal(0);

let source: EventSource | null = null;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let retryDelay = 1000;
let lastTick = 0;

function receive(event: MessageEvent<string>): void {
  let value: Overview;
  try {
    value = JSON.parse(event.data) as Overview;
  } catch {
    return; // A proxy has cut it; the next one will be whole.
  }
  learnServerTime(value.now);
  addSample(value);
  overview.value = value;
  connection.value = 'open';
  retryDelay = 1000;
  const { refresh } = settings.value;
  const now = Date.now();
  if (refresh > 0 && !document.hidden && now - lastTick >= refresh * 1000 - 100) {
    lastTick = now;
    ++tick.value;
  }
}

function lose(): void {
  connection.value = 'lost';
  // The browser itself tries again after a break, but not after a refusal.
  if (source?.readyState !== EventSource.CLOSED) return;
  source.close();
  clearTimeout(retryTimer);
  retryTimer = setTimeout(startLive, retryDelay);
  retryDelay = Math.min(retryDelay * 2, 30_000);
}

export function startLive(): void {
  clearTimeout(retryTimer);
  source?.close();
  source = new EventSource(apiUrl('events'));
  source.addEventListener('overview', receive);
  source.addEventListener('open', () => (connection.value = 'open'));
  source.addEventListener('error', lose);
}

/** After an action of ours: do not let people wait for the next tick. */
export function refreshNow(): void {
  lastTick = Date.now();
  ++tick.value;
}

export function watchVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && settings.value.refresh > 0) refreshNow();
  });
}
