import { describe, expect, it } from 'vitest';
import { layOut } from '../src/graph/layout';

const size = { width: 100, height: 40, gapX: 50, gapY: 10 };
const edge = (from: string, to: string) => ({ from, to });
const layersOf = (layout: ReturnType<typeof layOut>) =>
  Object.fromEntries([...layout.nodes].map(([id, { layer }]) => [id, layer]));

describe('the layout of graphs', () => {
  it('puts everything behind its predecessors', () => {
    const edges = [edge('a', 'b'), edge('b', 'c'), edge('a', 'c'), edge('c', 'd')];
    expect(layersOf(layOut(['d', 'c', 'b', 'a'], edges, size))).toEqual({ a: 0, b: 1, c: 2, d: 3 });
  });

  it('never lets two nodes overlap', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `${index}`);
    const edges = ids.slice(1).map((id, index) => edge(`${Math.floor(index / 3)}`, id));
    const places = [...layOut(ids, edges, size).nodes.values()];
    expect(places).toHaveLength(40);
    for (const a of places) {
      for (const b of places) {
        const apart = Math.abs(a.x - b.x) >= size.width || Math.abs(a.y - b.y) >= size.height;
        expect(a === b || apart).toBe(true);
      }
    }
  });

  it('uncrosses what can be uncrossed', () => {
    const layout = layOut(['a', 'b', 'y', 'x'], [edge('a', 'x'), edge('b', 'y')], size);
    const y = (id: string) => layout.nodes.get(id)?.y ?? 0;
    expect(Math.sign(y('a') - y('b'))).toBe(Math.sign(y('x') - y('y')));
  });

  it('survives circles, loops and strangers', () => {
    const layout = layOut(
      ['a', 'b', 'c'],
      [edge('a', 'b'), edge('b', 'a'), edge('c', 'c'), edge('c', 'gone')],
      size,
    );
    expect(layout.nodes.size).toBe(3);
    expect(layout.edges).toHaveLength(2);
  });

  it('has a size without any nodes', () => {
    expect(layOut([], [], size).nodes.size).toBe(0);
  });
});
