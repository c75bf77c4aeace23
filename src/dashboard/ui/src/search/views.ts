// Searches that somebody has given a name, kept in the browser.

import { signal } from '@preact/signals';
import { readStored, writeStored } from '../state/settings';

export interface View {
  name: string;
  query: string;
}
const storageKey = 'portfire.views';

export const views = signal<View[]>(
  readStored<View[]>(storageKey, []).filter((each) => typeof each?.query === 'string'),
);

function store(next: View[]): void {
  views.value = next;
  writeStored(storageKey, next);
}

export function saveView(view: View): void {
  store([...views.value.filter((each) => each.name !== view.name), view]);
}

export function removeView(name: string): void {
  store(views.value.filter((each) => each.name !== name));
}
