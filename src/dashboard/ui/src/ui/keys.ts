// Single-key shortcuts. Pages add theirs while they are shown.

import { useEffect, useRef } from 'preact/hooks';
import { settings } from '../state/settings';
import { dialogOpen } from './dialog';

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

const maps: { current: KeyMap }[] = [];
let prefix = '';
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

/** `general` ones give way to those of pages and lists. */
export function useKeys(map: KeyMap, general = false): void {
  const reference = useRef(map);
  reference.current = map;
  useEffect(() => {
    if (general) maps.unshift(reference);
    else maps.push(reference);
    return () => void maps.splice(maps.indexOf(reference), 1);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const tag = target.tagName;
  if (tag === 'INPUT') return (target as HTMLInputElement).type !== 'checkbox';
  return tag === 'TEXTAREA' || tag === 'SELECT' || target.isContentEditable;
}

function handle(event: KeyboardEvent): void {
  if (!settings.value.shortcuts || dialogOpen() || isTyping(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const wanted = prefix ? `${prefix} ${event.key}` : event.key;
  prefix = '';
  clearTimeout(prefixTimer);
  // The newest map wins, so that a list is asked before the page around it.
  const found = [...maps].reverse().find((map) => wanted in map.current);
  if (found) {
    event.preventDefault();
    found.current[wanted]?.(event);
  } else if (event.key === 'g') {
    prefix = 'g';
    prefixTimer = setTimeout(() => (prefix = ''), 1500);
  }
}

export function startKeys(): void {
  addEventListener('keydown', handle);
}

/** Moves the focus by one row. Rows are marked in the HTML; each has one main link. */
export function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  if (rows.length === 0) return;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const index = now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step;
  const target = rows[Math.max(0, Math.min(rows.length - 1, index))];
  const link = target?.querySelector<HTMLElement>('[data-row-link]') ?? target;
  link?.focus();
  target?.scrollIntoView({ block: 'nearest' });
}

/** The id of the row that has the focus. */
export function focusedRow(): string | null {
  const row = document.activeElement?.closest<HTMLElement>('[data-row]');
  return row?.dataset.row ?? null;
}
