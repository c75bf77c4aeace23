// What could be written at the caret of the search input.

import { keys, splitTerms, writeTerm, type SearchKey } from './language';

export interface Suggestion {
  text: string; // what replaces [start, end)
  label: string;
  key: SearchKey | null; // of a filter: its hint is shown beside it
}
export interface Completion {
  start: number;
  end: number;
  suggestions: Suggestion[];
}
/** Values that are known for some keys. */
export type Values = Partial<Record<SearchKey, readonly string[]>>;

const examples: Values = {
  created: ['<15m', '<2h', '<1d', '>1d'],
  since: ['<15m', '<1h', '>1h', '>1d'],
  duration: ['>1s', '>10s', '>1m', '<100ms'],
  attempts: ['>=1', '>=3', '>=10'],
};
const most = 12;

export function complete(text: string, caret: number, values: Values): Completion {
  const term = splitTerms(text).find((each) => each.start < caret && caret <= each.end);
  if (!term) return { start: caret, end: caret, suggestions: keySuggestions('') };
  if (term.key === null) {
    const written = text.slice(term.start, caret);
    const suggestions = term.quoted ? [] : keySuggestions(written);
    return { start: term.start, end: term.end, suggestions };
  }
  const key = term.key as SearchKey;
  const valueStart = term.start + term.key.length + 1;
  if (caret < valueStart) return { start: caret, end: caret, suggestions: [] };
  const written = text.slice(valueStart, caret).replace(/^"/, '').toLowerCase();
  const known = values[key] ?? examples[key] ?? [];
  const matching = known.filter((value) => value.toLowerCase().includes(written));
  matching.sort((a, b) => rank(a, written) - rank(b, written));
  const suggestions = matching.slice(0, most).map((value) => ({
    text: writeTerm(key, value) + ' ',
    label: value,
    key: null,
  }));
  // Nothing to suggest when it stands there already.
  const done = suggestions.length === 1 && suggestions[0]?.label === term.value;
  return { start: term.start, end: term.end, suggestions: done ? [] : suggestions };
}

const rank = (value: string, written: string) => (value.toLowerCase().startsWith(written) ? 0 : 1);

function keySuggestions(written: string): Suggestion[] {
  const lower = written.toLowerCase();
  return keys
    .filter((key) => key.startsWith(lower))
    .map((key) => ({ text: `${key}:`, label: `${key}:`, key }));
}
