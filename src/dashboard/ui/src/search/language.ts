// The search language: `state:Failed error:"timed out" created:<2h ann@example.com`. Terms are joined
// by AND; words without a key are looked for, as one phrase, in the arguments.

import { parseDuration } from '../text/duration';

export const keys = [
  'state',
  'queue',
  'name',
  'tag',
  'error',
  'failure',
  'server',
  'batch',
  'created',
  'since',
  'duration',
  'attempts',
] as const;
export type SearchKey = (typeof keys)[number];

export interface Term {
  key: string | null; // null: a bare word
  value: string;
  quoted: boolean;
  start: number;
  end: number; // past its last character
  open: boolean; // a quote that nobody closed
}
export type Fault =
  | { kind: 'unknownKey'; key: string }
  | { kind: 'didYouMean'; key: string; suggestion: string }
  | { kind: 'missingValue'; key: string }
  | { kind: 'twice'; key: string }
  | { kind: 'badTime'; key: string; value: string }
  | { kind: 'badDuration'; value: string }
  | { kind: 'badAttempts'; value: string }
  | { kind: 'openQuote' };
export interface Located {
  fault: Fault;
  start: number;
  end: number;
}
export interface Search {
  terms: Term[];
  faults: Located[];
  /** Parameters of GET jobs. */
  parameters: Record<string, string>;
}
export interface Context {
  now: number; // milliseconds; what "two hours ago" counts from
  states: readonly string[]; // known ones, so that state:failed finds Failed
}

/** Splits the text. A quoted value may hold \" and \\. */
export function splitTerms(text: string): Term[] {
  const terms: Term[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      ++at;
      continue;
    }
    const start = at;
    const match = /^([A-Za-z_]+):(?!\/\/)/.exec(text.slice(at));
    const key = match?.[1]?.toLowerCase() ?? null;
    at += match?.[0].length ?? 0;
    let value = '';
    let quoted = false;
    let open = false;
    if (text[at] === '"') {
      quoted = open = true;
      for (++at; at < text.length; ++at) {
        if (text[at] === '"') {
          open = false;
          ++at;
          break;
        }
        if (text[at] === '\\' && /["\\]/.test(text[at + 1] ?? '')) ++at;
        value += text[at];
      }
    } else {
      while (at < text.length && !/\s/.test(text.charAt(at))) value += text[at++];
    }
    terms.push({ key, value, quoted, start, end: at, open });
  }
  return terms;
}

/** Values with blanks or quotes are quoted. */
export function writeTerm(key: string | null, value: string): string {
  const needsQuotes = value === '' || /[\s"]/.test(value) || (key === null && value.includes(':'));
  const text = needsQuotes ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
  return key === null ? text : `${key}:${text}`;
}

/** The text with the term of that key replaced, added, or (value null) removed. */
export function withTerm(text: string, key: SearchKey, value: string | null): string {
  const others = splitTerms(text).filter((term) => term.key !== key);
  const kept = others.map((term) => text.slice(term.start, term.end));
  if (value !== null) kept.unshift(writeTerm(key, value));
  return kept.join(' ');
}

export function termOf(text: string, key: SearchKey): string | null {
  return splitTerms(text).find((term) => term.key === key)?.value ?? null;
}

export function parseSearch(text: string, context: Context): Search {
  const terms = splitTerms(text);
  const search: Search = { terms, faults: [], parameters: {} };
  const words: string[] = [];
  for (const term of terms) {
    const fault = term.open
      ? ({ kind: 'openQuote' } as const)
      : apply(term, search, context, words);
    if (fault) search.faults.push({ fault, start: term.start, end: term.end });
  }
  if (words.length > 0) search.parameters.text = words.join(' ');
  return search;
}

function apply(term: Term, search: Search, context: Context, words: string[]): Fault | null {
  const { key, value } = term;
  if (key === null) {
    words.push(value);
    return null;
  }
  if (!(keys as readonly string[]).includes(key)) {
    const suggestion = closest(key);
    return suggestion ? { kind: 'didYouMean', key, suggestion } : { kind: 'unknownKey', key };
  }
  if (value === '') return { kind: 'missingValue', key };
  const found = read(key as SearchKey, value, context);
  if ('kind' in found) return found;
  for (const [name, parameter] of Object.entries(found.parameters)) {
    if (name in search.parameters) return { kind: 'twice', key };
    search.parameters[name] = parameter;
  }
  return null;
}

type Read = Fault | { parameters: Record<string, string> };

function read(key: SearchKey, value: string, context: Context): Read {
  switch (key) {
    case 'created':
    case 'since':
      return readTime(key, value, context.now);
    case 'duration':
      return readDuration(value);
    case 'attempts': {
      const match = /^(>=|>)(\d{1,6})$/.exec(value);
      if (!match?.[2]) return { kind: 'badAttempts', value };
      const least = Number(match[2]) + (match[1] === '>' ? 1 : 0);
      return { parameters: { attempts_at_least: `${least}` } };
    }
    case 'state': {
      const known = context.states.find((each) => each.toLowerCase() === value.toLowerCase());
      return { parameters: { state: known ?? value } };
    }
    default:
      return { parameters: { [key]: value } };
  }
}

// "<2h" is younger than two hours, ">1d" older than a day, "2026-01-31" that day, "a..b" between.
function readTime(key: 'created' | 'since', value: string, now: number): Read {
  const bad: Fault = { kind: 'badTime', key, value };
  const age = /^(<=?|>=?)(.+)$/.exec(value);
  if (age?.[1] && age[2]) {
    const duration = parseDuration(age[2]);
    const instant = duration === null ? instantOf(age[2]) : now - duration / 1000;
    if (instant === null) return bad;
    // Of ages the smaller is the later; of instants it is the earlier.
    const later = (age[1].startsWith('<') ? 1 : -1) * (duration === null ? -1 : 1) > 0;
    return { parameters: { [`${key}_${later ? 'from' : 'before'}`]: iso(instant) } };
  }
  const range = value.split('..');
  const from = instantOf(range[0] ?? '');
  if (range.length > 2 || from === null) return bad;
  const last = range[1] ?? range[0] ?? '';
  const start = instantOf(last);
  if (start === null) return bad;
  const before = isDay(last) ? start + 86_400_000 : range.length === 2 ? start : start + 60_000;
  return { parameters: { [`${key}_from`]: iso(from), [`${key}_before`]: iso(before) } };
}

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

// Days and times without a zone are UTC, so that a link means the same to everybody.
function instantOf(text: string): number | null {
  const match = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!match) return null;
  const value = Date.parse(match[1] === undefined || match[4] ? text : text + 'Z');
  return Number.isNaN(value) ? null : value;
}

function readDuration(value: string): Read {
  const bad: Fault = { kind: 'badDuration', value };
  const compared = /^(<=?|>=?)(.+)$/.exec(value);
  if (compared?.[1] && compared[2]) {
    const duration = parseDuration(compared[2]);
    if (duration === null) return bad;
    const name = compared[1].startsWith('<') ? 'duration_at_most_us' : 'duration_at_least_us';
    return { parameters: { [name]: `${duration}` } };
  }
  const [least, most, ...more] = value.split('..').map(parseDuration);
  if (least == null || most == null || more.length > 0) return bad;
  return { parameters: { duration_at_least_us: `${least}`, duration_at_most_us: `${most}` } };
}

function closest(key: string): SearchKey | null {
  let best: SearchKey | null = null;
  let least = 3; // More than two letters apart is no typing error.
  for (const each of keys) {
    const distance = each.startsWith(key) && key.length >= 2 ? 1 : editDistance(key, each);
    if (distance < least) {
      least = distance;
      best = each;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; ++i) {
    const next = [i];
    for (let j = 1; j <= b.length; ++j) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
