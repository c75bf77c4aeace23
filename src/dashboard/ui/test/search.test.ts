import { describe, expect, it } from 'vitest';
import { complete } from '../src/search/complete';
import { parseSearch, splitTerms, termOf, withTerm, writeTerm } from '../src/search/language';

const now = Date.parse('2026-11-26T12:00:00Z');
const context = { now, states: ['Enqueued', 'Failed', 'NeedsReview'] };
const parametersOf = (text: string) => parseSearch(text, context).parameters;
const faultsOf = (text: string) => parseSearch(text, context).faults.map(({ fault }) => fault);

describe('the search language', () => {
  it('turns terms into parameters of the API', () => {
    expect(parametersOf('state:Failed name:mail.send queue:mail tag:x error:"timed out"')).toEqual({
      state: 'Failed',
      name: 'mail.send',
      queue: 'mail',
      tag: 'x',
      error: 'timed out',
    });
  });

  it('looks for words without a key in the arguments, as one phrase', () => {
    expect(parametersOf('order state:Failed 4711')).toEqual({
      state: 'Failed',
      text: 'order 4711',
    });
    expect(parametersOf('"state:Failed"')).toEqual({ text: 'state:Failed' });
    expect(parametersOf('https://example.com/a')).toEqual({ text: 'https://example.com/a' });
  });

  it('counts ages from now', () => {
    expect(parametersOf('created:<2h')).toEqual({ created_from: '2026-11-26T10:00:00.000Z' });
    expect(parametersOf('since:>1d')).toEqual({ since_before: '2026-11-25T12:00:00.000Z' });
    expect(parametersOf('created:<2h since:>5m')).toEqual({
      created_from: '2026-11-26T10:00:00.000Z',
      since_before: '2026-11-26T11:55:00.000Z',
    });
  });

  it('understands days and ranges as UTC', () => {
    expect(parametersOf('created:2026-01-31')).toEqual({
      created_from: '2026-01-31T00:00:00.000Z',
      created_before: '2026-02-01T00:00:00.000Z',
    });
    expect(parametersOf('created:2026-01-31T10:00..2026-01-31T11:30')).toEqual({
      created_from: '2026-01-31T10:00:00.000Z',
      created_before: '2026-01-31T11:30:00.000Z',
    });
    expect(parametersOf('created:<2026-01-31')).toEqual({
      created_before: '2026-01-31T00:00:00.000Z',
    });
  });

  it('understands durations and attempts', () => {
    expect(parametersOf('duration:>1m30s')).toEqual({ duration_at_least_us: '90000000' });
    expect(parametersOf('duration:5ms..2s')).toEqual({
      duration_at_least_us: '5000',
      duration_at_most_us: '2000000',
    });
    expect(parametersOf('attempts:>=3')).toEqual({ attempts_at_least: '3' });
    expect(parametersOf('attempts:>3')).toEqual({ attempts_at_least: '4' });
  });

  it('finds states whatever their case, and keeps unknown ones', () => {
    expect(parametersOf('state:needsreview')).toEqual({ state: 'NeedsReview' });
    expect(parametersOf('state:Archived')).toEqual({ state: 'Archived' });
  });

  it('explains what it does not understand', () => {
    expect(faultsOf('stat:Failed')).toEqual([
      { kind: 'didYouMean', key: 'stat', suggestion: 'state' },
    ]);
    expect(faultsOf('colour:red')).toEqual([{ kind: 'unknownKey', key: 'colour' }]);
    expect(faultsOf('state:')).toEqual([{ kind: 'missingValue', key: 'state' }]);
    expect(faultsOf('state:Failed state:Enqueued')).toEqual([{ kind: 'twice', key: 'state' }]);
    expect(faultsOf('created:yesterday')).toEqual([
      { kind: 'badTime', key: 'created', value: 'yesterday' },
    ]);
    expect(faultsOf('duration:long')).toEqual([{ kind: 'badDuration', value: 'long' }]);
    expect(faultsOf('attempts:3')).toEqual([{ kind: 'badAttempts', value: '3' }]);
    expect(faultsOf('error:"timed out')).toEqual([{ kind: 'openQuote' }]);
  });

  it('reads what it writes', () => {
    for (const value of ['plain', 'two words', 'a "quote"', 'back\\slash "and" quote', 'a:b', '']) {
      const [term] = splitTerms(writeTerm('error', value));
      expect(term).toMatchObject({ key: 'error', value, open: false });
    }
    expect(splitTerms(writeTerm(null, 'a:b'))[0]).toMatchObject({ key: null, value: 'a:b' });
  });

  it('replaces one term and keeps the others as they were written', () => {
    const text = 'tag:x state:Failed "two words"';
    expect(withTerm(text, 'state', 'Enqueued')).toBe('state:Enqueued tag:x "two words"');
    expect(withTerm(text, 'state', null)).toBe('tag:x "two words"');
    expect(termOf(text, 'state')).toBe('Failed');
  });
});

describe('completion', () => {
  const values = { state: ['Enqueued', 'Failed', 'NeedsReview'], queue: ['two words'] };
  const labels = (text: string, caret = text.length) =>
    complete(text, caret, values).suggestions.map(({ label }) => label);

  it('offers keys at the start of a word', () => {
    expect(labels('')).toContain('state:');
    expect(labels('state:Failed cr')).toEqual(['created:']);
    expect(labels('"quo')).toEqual([]);
  });

  it('offers known values, those that begin so first', () => {
    expect(labels('state:e')).toEqual(['Enqueued', 'Failed', 'NeedsReview']);
    expect(complete('queue:t', 7, values).suggestions[0]?.text).toBe('queue:"two words" ');
    expect(labels('state:Failed')).toEqual([]);
  });
});
