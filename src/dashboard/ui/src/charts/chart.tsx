// Around uPlot, which is loaded when the first chart is shown.

import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { settings } from '../state/settings';

export interface Series {
  label: string;
  colour: string; // a custom property
}
export interface ChartProps {
  label: string;
  kind: 'lines' | 'stack';
  series: readonly Series[];
  /** Positions, then one array per series (not yet stacked). */
  data: readonly (readonly number[])[];
  range: [number, number];
  height: number;
  formatX: (position: number) => string;
  formatY: (value: number) => string;
  /** What the pointer is at: an index into the data, or null. */
  onPoint?: (index: number | null) => void;
}

// A canvas knows no custom properties, and light-dark() is resolved only where it is used.
function resolveColour(element: HTMLElement, property: string, share = 100): string {
  const probe = document.createElement('span');
  probe.style.color = `color-mix(in srgb, var(${property}) ${share}%, transparent)`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

// Sums from the last series to the first, so that the first is drawn behind all others.
function stack(data: ChartProps['data']): number[][] {
  const result = data.map((values) => [...values]);
  for (let series = result.length - 2; series >= 1; --series) {
    const below = result[series + 1];
    result[series] = (result[series] ?? []).map((value, index) => value + (below?.[index] ?? 0));
  }
  return result;
}

function optionsOf(Plot: typeof uPlot, box: HTMLElement, props: () => ChartProps): uPlot.Options {
  const { kind, series, height } = props();
  const axis = { stroke: resolveColour(box, '--text-soft'), font: '11px system-ui, sans-serif' };
  const grid = { stroke: resolveColour(box, '--line'), width: 1 };
  const bars = kind === 'stack' ? Plot.paths.bars?.({ size: [0.75, 40], radius: 0.15 }) : undefined;
  const spline = kind === 'lines' ? Plot.paths.spline?.() : undefined;
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
    scales: {
      x: { time: false, range: () => props().range },
      y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        size: 22,
        gap: 4,
        space: 64,
        incrs: [1, 2, 3, 4, 6, 10, 12, 15, 24, 48],
        values: (_, splits) => splits.map((each) => props().formatX(each)),
      },
      {
        ...axis,
        grid,
        ticks: { show: false },
        size: 52,
        space: 36,
        values: (_, splits) => splits.map((each) => props().formatY(each)),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour }) => ({
        label,
        stroke: resolveColour(box, colour),
        fill: resolveColour(box, colour, kind === 'stack' ? 100 : 14),
        width: kind === 'stack' ? 0 : 1.75,
        paths: bars ?? spline,
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [(plot) => props().onPoint?.(plot.cursor.idx ?? null)] },
  };
}

export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const dataOf = () =>
    (props.kind === 'stack'
      ? stack(latest.current.data)
      : latest.current.data) as uPlot.AlignedData;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let ended = false;
    let Plot: typeof uPlot | null = null;
    const build = () => {
      if (ended || !Plot) return;
      plot.current?.destroy();
      plot.current = new Plot(
        optionsOf(Plot, element, () => latest.current),
        dataOf(),
        element,
      );
      element.dataset.drawn = 'true';
    };
    const load = async () => {
      const [module] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]);
      Plot = module.default;
      build();
    };
    void load();
    const size = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: latest.current.height });
    });
    size.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', build);
    const stopTheme = settings.subscribe(() => requestAnimationFrame(build));
    return () => {
      ended = true;
      size.disconnect();
      scheme.removeEventListener('change', build);
      stopTheme();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [props.kind, props.series.length]);

  useEffect(() => {
    plot.current?.setData(dataOf());
  }, [props.data]);

  return <div class="chart" ref={box} role="img" aria-label={props.label} />;
}
