import { signal } from '@preact/signals';

let difference = 0; // of the storage's clock from ours

/** The storage's clock, once a second: what relative times are relative to. */
export const clock = signal(Date.now());

export function serverNow(): number {
  return Date.now() + difference;
}

export function learnServerTime(now: string): void {
  const value = Date.parse(now);
  if (!Number.isNaN(value)) difference = value - Date.now();
}

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) clock.value = serverNow();
  }, 1000);
}
