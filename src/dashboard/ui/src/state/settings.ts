import { signal, effect, type Signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export interface Settings {
  theme: Theme;
  language: string; // 'auto' or a language of ours
  zone: string; // 'local', 'UTC' or an IANA name
  times: 'relative' | 'absolute';
  pageSize: number;
  refresh: number; // seconds between refreshes of lists; 0: never
  shortcuts: boolean; // single-key shortcuts can get in the way of speech input
}

const defaults: Settings = {
  theme: 'system',
  language: 'auto',
  zone: 'local',
  times: 'relative',
  pageSize: 50,
  refresh: 3,
  shortcuts: true,
};
const storageKey = 'portfire.settings';

export function readStored<T>(key: string, fallback: T): T {
  // Storage may be switched off, and what it holds may be of another version.
  try {
    const text = localStorage.getItem(key);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It lasts until the page is closed then.
  }
}

export const settings: Signal<Settings> = signal({
  ...defaults,
  ...readStored<Partial<Settings>>(storageKey, {}),
});

export function changeSettings(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
  writeStored(storageKey, settings.value);
}

export function resetSettings(): void {
  changeSettings(defaults);
}

/** The zone for Intl: undefined is that of the browser. */
export function zoneName(): string | undefined {
  const { zone } = settings.value;
  if (zone === 'local') return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return undefined;
  }
}

effect(() => {
  if (typeof document === 'undefined') return;
  document.documentElement.dataset.theme = settings.value.theme;
});
