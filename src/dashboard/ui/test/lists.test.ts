import { describe, expect, it } from 'vitest';
import type { FailureGroup } from '../src/api/types';
import { bucketsOf } from '../src/charts/history';
import { addGroups } from '../src/failures/groups';
import { automaticPieces, nothing, searchPieces, type Found } from '../src/search/piecewise';
import { rateBetween } from '../src/state/rates';

describe('piecewise searching', () => {
  const everyTenth = async (cursor: string | null) => {
    const at = Number(cursor ?? 0);
    return { items: at % 10 === 9 ? [at] : [], next: at < 999 ? `${at + 1}` : null, examined: 100 };
  };

  it('goes on until enough is found', async () => {
    const found = await searchPieces<number>(nothing, 1, everyTenth, () => true);
    expect(found).toMatchObject({ items: [9], pieces: 10, examined: 1000, next: '10' });
  });

  it('gives up after some pieces, and goes on from there', async () => {
    const first = await searchPieces<number>(nothing, 50, everyTenth, () => true);
    expect(first.pieces).toBe(automaticPieces);
    const second = await searchPieces<number>(first, 50, everyTenth, () => true);
    expect(second).toMatchObject({ items: [9, 19], pieces: 20, examined: 2000 });
  });

  it('stops when told to', async () => {
    const seen: Found<number>[] = [];
    await searchPieces<number>(nothing, 50, everyTenth, (found) => seen.push(found) < 3);
    expect(seen).toHaveLength(3);
  });
});

describe('failures', () => {
  const group = (key: string, count: number, first: string): FailureGroup => ({
    key,
    count,
    first,
    last: first,
    name: 'n',
    signature: 's',
    sample: 'm',
    sample_job: '1',
    trend: [count, 0],
    filter: { failure: key },
  });

  it('are added up by key, the greatest first', () => {
    const sums = addGroups([group('a', 1, '2'), group('b', 5, '1'), group('a', 7, '1')]);
    expect(sums.map(({ key, count }) => [key, count])).toEqual([
      ['a', 8],
      ['b', 5],
    ]);
    expect(sums[0]).toMatchObject({ first: '1', last: '2', trend: [8, 0] });
  });
});

describe('figures of charts', () => {
  it('are rates between snapshots', () => {
    const before = { at: 1000, lifetime: { Succeeded: 10, Failed: 5 } };
    expect(
      rateBetween(before, { at: 3000, lifetime: { Succeeded: 30, Failed: 1 } })?.perSecond,
    ).toEqual([10, 0, 0]);
    expect(rateBetween(before, before)).toBeNull();
  });

  it('fill hours that are left out', () => {
    const history = {
      from: '2026-11-25T12:00:00Z',
      to: '2026-11-26T12:30:00Z',
      hours: [
        { hour: '2026-11-26T12:00:00Z', state: 'Succeeded', count: 7 },
        { hour: '2026-11-26T11:00:00Z', state: 'Failed', count: 2 },
        { hour: '2026-11-26T11:00:00Z', state: 'Other', count: 9 },
      ],
    };
    const buckets = bucketsOf(history, 24, ['Succeeded', 'Failed']);
    expect(buckets.starts).toHaveLength(24);
    expect(buckets.counts.map((values) => values.at(-1))).toEqual([7, 0]);
    expect(buckets.totals).toEqual([7, 2]);
    expect(bucketsOf(history, 720, ['Succeeded']).starts).toHaveLength(30);
  });
});
