import { useMemo } from 'preact/hooks';
import type { Graph, JobSummary } from '../api/types';
import { stateLabel, t } from '../i18n';
import { hrefOf, jobPath } from '../router';
import { toneOf } from '../ui/state';
import { layOut } from './layout';

const size = { width: 190, height: 46, gapX: 56, gapY: 14 };
const margin = 8;
const shownCharacters = 22;

// SVG text does not clip itself.
function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= shownCharacters
    ? text
    : `${characters.slice(0, shownCharacters - 1).join('')}…`;
}

function Node({ job, x, y, present }: { job: JobSummary; x: number; y: number; present: boolean }) {
  const name = job.display_name || job.name;
  return (
    <a
      href={hrefOf(jobPath(job.id))}
      class={`graph-node tone-${toneOf(job.state, job.kind)} ${present ? 'present' : ''}`}
    >
      <title>{`${name} · ${stateLabel(job.state)} · ${job.id}`}</title>
      <rect x={x} y={y} width={size.width} height={size.height} rx="8" />
      <rect class="graph-mark" x={x} y={y + 9} width="4" height={size.height - 18} rx="2" />
      <text x={x + 14} y={y + 19}>
        {shorten(name)}
      </text>
      <text class="graph-state" x={x + 14} y={y + 35}>
        {shorten(stateLabel(job.state))}
      </text>
    </a>
  );
}

export function GraphView({ graph, present }: { graph: Graph; present: string }) {
  // Its shape rarely changes; colours do.
  const shape = JSON.stringify([graph.nodes.map((job) => job.id), graph.edges]);
  const layout = useMemo(
    () =>
      layOut(
        graph.nodes.map((job) => job.id),
        graph.edges,
        size,
      ),
    [shape],
  );
  const conditions = new Map(graph.edges.map((edge) => [`${edge.from} ${edge.to}`, edge.on]));
  const width = layout.width + 2 * margin;
  const height = layout.height + 2 * margin;
  return (
    <div
      class="graph"
      tabIndex={0}
      role="group"
      aria-label={t('job.graphLabel', { count: graph.nodes.length })}
    >
      <svg width={width} height={height} viewBox={`${-margin} ${-margin} ${width} ${height}`}>
        {layout.edges.map(({ from, to, path }) => (
          <path
            key={`${from} ${to}`}
            class={`graph-edge on-${conditions.get(`${from} ${to}`) ?? 'none'}`}
            d={path}
          />
        ))}
        {graph.nodes.map((job) => {
          const place = layout.nodes.get(job.id);
          return (
            place && (
              <Node key={job.id} job={job} x={place.x} y={place.y} present={job.id === present} />
            )
          );
        })}
      </svg>
      {graph.cut && <p class="hint">{t('job.graphCut')}</p>}
    </div>
  );
}
