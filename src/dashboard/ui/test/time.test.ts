import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../src/text/duration';
import { formatBytes, shortenId } from '../src/text/number';
import {
  formatAbsolute,
  formatExact,
  formatRelative,
  fromLocal,
  microsecondsBetween,
} from '../src/text/time';

const at = '2026-11-26T12:00:00.123456Z';
const now = Date.parse('2026-11-26T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

describe('instants', () => {
  it('are shown in the wanted zone and language', () => {
    expect(formatAbsolute(at, { locale: 'en-GB', zone: 'UTC' })).toBe('26 Nov 2026, 12:00:00');
    expect(formatAbsolute(at, { locale: 'en-GB', zone: 'Asia/Tokyo' })).toBe(
      '26 Nov 2026, 21:00:00',
    );
    expect(formatAbsolute(at, { locale: 'de', zone: 'Europe/Berlin' })).toContain('26. Nov. 2026');
    expect(formatExact(at, { locale: 'en-GB', zone: 'UTC' })).toContain('12:00:00.123');
  });

  it('are shown as they are when they are none', () => {
    expect(formatAbsolute('soon', { locale: 'en', zone: 'UTC' })).toBe('soon');
    expect(formatRelative('soon', now, 'en')).toBe('soon');
  });

  it('are relative in the largest whole unit', () => {
    expect(formatRelative(ago(5), now, 'en')).toBe('5 sec. ago');
    expect(formatRelative(ago(90 * 60), now, 'en')).toBe('1 hr. ago');
    expect(formatRelative(ago(-3 * 86400), now, 'en')).toBe('in 3 days');
    expect(formatRelative(ago(800 * 86400), now, 'en')).toBe('2 yr. ago');
    expect(formatRelative(ago(180), now, 'de')).toBe('vor 3 Min.');
  });

  it('differ by exact microseconds', () => {
    expect(microsecondsBetween('2026-11-26T12:00:00.999999Z', '2026-11-26T12:00:01.000001Z')).toBe(
      2,
    );
    expect(microsecondsBetween('2026-11-26T12:00:00Z', '2026-11-26T12:00:00.5Z')).toBe(500_000);
    expect(microsecondsBetween('2026-11-26T12:00:01Z', '2026-11-26T12:00:00.1Z')).toBe(-900_000);
  });

  it('come from local times of any zone', () => {
    expect(fromLocal('2026-11-26T14:03', 'UTC')?.toISOString()).toBe('2026-11-26T14:03:00.000Z');
    expect(fromLocal('2026-07-01T14:03', 'Europe/Berlin')?.toISOString()).toBe(
      '2026-07-01T12:03:00.000Z',
    );
    expect(fromLocal('2026-03-29T03:30', 'Europe/Berlin')?.toISOString()).toBe(
      '2026-03-29T01:30:00.000Z',
    );
    expect(fromLocal('nonsense', 'UTC')).toBeNull();
  });
});

describe('durations', () => {
  it('are read', () => {
    expect(parseDuration('1h30m')).toBe(5_400_000_000);
    expect(parseDuration('1.5s')).toBe(1_500_000);
    expect(parseDuration('7us')).toBe(7);
    for (const text of ['', '5', 's', '1h 2m', '-1s', '1x', '99999999999999w'])
      expect(parseDuration(text), text).toBeNull();
  });

  it('are written with at most two units', () => {
    expect(formatDuration(12, 'en')).toBe('12µs');
    expect(formatDuration(350_000, 'en')).toBe('350ms');
    expect(formatDuration(2_412_000, 'en')).toBe('2.41s');
    expect(formatDuration(184_000_000, 'en')).toBe('3m 4s');
    expect(formatDuration(86_400e6 * 2 + 3600e6 * 5, 'en')).toBe('2d 5h');
    expect(formatDuration(-1_000_000, 'en')).toBe('−1s');
  });
});

describe('figures', () => {
  it('have sizes and short ids', () => {
    expect(formatBytes(4_812_300_288, 'en')).toBe('4.8 GB');
    expect(formatBytes(12, 'en')).toBe('12 byte');
    expect(shortenId('0197811d-9081-7543-a5a4-ef8856cc5cf7')).toBe('019781…cc5cf7');
    expect(shortenId('42')).toBe('42');
  });
});
