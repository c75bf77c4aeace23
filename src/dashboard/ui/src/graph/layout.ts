// A layered layout: every node stands in the layer after the last of its predecessors, and within a
// layer near the mean of its neighbours, so that few edges cross.

export interface Size {
  width: number;
  height: number;
  gapX: number;
  gapY: number;
}
export interface Placed {
  id: string;
  x: number;
  y: number;
  layer: number;
}
export interface Layout {
  nodes: Map<string, Placed>;
  edges: { from: string; to: string; path: string }[];
  width: number;
  height: number;
}
interface Edge {
  from: string;
  to: string;
}

const sweeps = 6;

export function layOut(ids: readonly string[], edges: readonly Edge[], size: Size): Layout {
  const known = new Set(ids);
  const usable = edges.filter(
    (edge) => edge.from !== edge.to && known.has(edge.from) && known.has(edge.to),
  );
  const layers = order(assignLayers(ids, usable), usable);
  const tallest = Math.max(1, ...layers.map((layer) => layer.length));
  const stepX = size.width + size.gapX;
  const stepY = size.height + size.gapY;
  const height = tallest * stepY - size.gapY;
  const nodes = new Map<string, Placed>();
  layers.forEach((layer, column) => {
    const top = (height - (layer.length * stepY - size.gapY)) / 2;
    layer.forEach((id, row) =>
      nodes.set(id, { id, x: column * stepX, y: top + row * stepY, layer: column }),
    );
  });
  return {
    nodes,
    edges: usable.map((edge) => ({ ...edge, path: curve(nodes, edge, size) })),
    width: Math.max(1, layers.length) * stepX - size.gapX,
    height,
  };
}

// By removing what has no predecessor left. Jobs cannot wait in circles, but the API is not trusted
// to say so: what is left in a circle goes behind everything else.
function assignLayers(ids: readonly string[], edges: readonly Edge[]): string[][] {
  const missing = new Map(ids.map((id) => [id, 0]));
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) {
    missing.set(to, (missing.get(to) ?? 0) + 1);
    next.get(from)?.push(to);
  }
  const layerOf = new Map<string, number>();
  const ready = ids.filter((id) => missing.get(id) === 0);
  ready.forEach((id) => layerOf.set(id, 0));
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    for (const child of next.get(id) ?? []) {
      const layer = Math.max(layerOf.get(child) ?? 0, (layerOf.get(id) ?? 0) + 1);
      layerOf.set(child, layer);
      const left = (missing.get(child) ?? 0) - 1;
      missing.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  const layers: string[][] = [];
  for (const id of ids) {
    const inCircle = (missing.get(id) ?? 0) > 0;
    const layer = inCircle ? ids.length : (layerOf.get(id) ?? 0);
    (layers[layer] ??= []).push(id);
  }
  return layers.filter((layer) => layer !== undefined);
}

function order(layers: string[][], edges: readonly Edge[]): string[][] {
  const neighbours = new Map<string, string[]>();
  const connect = (a: string, b: string) => {
    const list = neighbours.get(a);
    if (list) list.push(b);
    else neighbours.set(a, [b]);
  };
  for (const { from, to } of edges) {
    connect(from, to);
    connect(to, from);
  }
  const position = new Map<string, number>();
  const place = (layer: string[]) =>
    layer.forEach((id, row) => position.set(id, row - (layer.length - 1) / 2));
  const meanOf = (id: string, among: readonly string[]) => {
    const around = (neighbours.get(id) ?? []).filter((each) => among.includes(each));
    if (around.length === 0) return position.get(id) ?? 0;
    return around.reduce((sum, each) => sum + (position.get(each) ?? 0), 0) / around.length;
  };
  layers.forEach(place);
  const result = layers.map((layer) => [...layer]);
  // Forwards after the predecessors, then backwards after the successors, one layer at a time: both
  // sides at once would only change places.
  for (let sweep = 0; sweep < sweeps; ++sweep) {
    const backwards = sweep % 2 === 1;
    for (let step = 1; step < result.length; ++step) {
      const index = backwards ? result.length - 1 - step : step;
      const layer = result[index] ?? [];
      const fixed = result[backwards ? index + 1 : index - 1] ?? [];
      const means = new Map(layer.map((id) => [id, meanOf(id, fixed)]));
      layer.sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0));
      place(layer);
    }
  }
  return result;
}

function curve(nodes: Map<string, Placed>, edge: Edge, size: Size): string {
  const from = nodes.get(edge.from);
  const to = nodes.get(edge.to);
  if (!from || !to) return '';
  const x1 = from.x + size.width;
  const y1 = from.y + size.height / 2;
  const x2 = to.x;
  const y2 = to.y + size.height / 2;
  const bend = Math.max(size.gapX / 2, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
