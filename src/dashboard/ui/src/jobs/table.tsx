import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { JobSummary } from '../api/types';
import { rich, t } from '../i18n';
import { jobPath, searchPath } from '../router';
import { mayAct } from '../state/session';
import { writeTerm } from '../search/language';
import { shortenId } from '../text/number';
import { useKeptFocus } from '../ui/focus';
import { Icon } from '../ui/icon';
import { StateBadge } from '../ui/state';
import { Age, Duration, Time } from '../ui/time';

export type Selection = Signal<ReadonlySet<string>>;

export function toggle(selection: Selection, ids: string[], on: boolean): void {
  const next = new Set(selection.value);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  selection.value = next;
}

/** What matters about a job in its present state. */
export function JobDetail({ job }: { job: JobSummary }) {
  const parts = [];
  if (job.no_handler) {
    parts.push(
      <span class="warning-text">
        <Icon name="failures" /> {t('jobs.noHandler')}
      </span>,
    );
  }
  if (job.kind === 'timed' && job.due_at) {
    parts.push(<span>{rich('jobs.due', { time: <Time at={job.due_at} /> })}</span>);
  }
  if (job.kind === 'running') parts.push(<Age since={job.since} />);
  if (job.kind === 'final' && job.duration_us !== null) {
    parts.push(<span>{rich('jobs.ranFor', { duration: <Duration us={job.duration_us} /> })}</span>);
  }
  if (job.reason) {
    parts.push(
      <span class="clip" dir="auto" title={job.reason.slice(0, 500)}>
        {job.reason.slice(0, 300)}
      </span>,
    );
  }
  return <div class="job-detail">{parts}</div>;
}

function JobCell({ job }: { job: JobSummary }) {
  return (
    <div class="job-cell">
      <a class="job-name clip" href={jobPath(job.id)} data-row-link title={job.id} dir="auto">
        {job.display_name || job.name}
      </a>
      <span class="job-sub">
        <span class="mono faint job-id">{shortenId(job.id)}</span>
        {job.attempt > 0 && (
          <span class="chip" title={t('jobs.attempts', { count: job.attempt })}>
            <Icon name="retries" /> {job.attempt}
          </span>
        )}
        {job.tags.slice(0, 4).map((tag) => (
          <a key={tag} class="chip" href={searchPath(writeTerm('tag', tag))} dir="auto">
            {tag.slice(0, 40)}
          </a>
        ))}
        <span class="mono faint clip job-arguments" dir="ltr">
          {job.arguments.slice(0, 200)}
        </span>
      </span>
    </div>
  );
}

function Row(props: {
  job: JobSummary;
  selected: boolean;
  onToggle: (event: MouseEvent) => void;
  selectable: boolean;
}) {
  const { job, selected, selectable } = props;
  return (
    <tr data-row={job.id} class={selected ? 'selected' : ''}>
      {selectable && (
        <td class="cell-check">
          <label class="check-target">
            <input
              type="checkbox"
              checked={selected}
              aria-label={t('jobs.selectOne', { name: job.display_name || job.name })}
              onClick={props.onToggle}
            />
          </label>
        </td>
      )}
      <td class="cell-job">
        <JobCell job={job} />
      </td>
      <td class="cell-state">
        <StateBadge state={job.state} kind={job.kind} />
      </td>
      <td class="cell-queue">
        <a href={searchPath(writeTerm('queue', job.queue))} class="quiet-link" dir="auto">
          {job.queue}
        </a>
      </td>
      <td class="cell-since">
        <Time at={job.since} />
      </td>
      <td class="cell-detail">
        <JobDetail job={job} />
      </td>
    </tr>
  );
}

export function JobTable({ jobs, selection }: { jobs: JobSummary[]; selection: Selection }) {
  useKeptFocus();
  const last = useRef<string | null>(null);
  const selectable = mayAct.value;
  const click = (event: MouseEvent, id: string) => {
    const on = !selection.value.has(id);
    const from =
      event.shiftKey && last.current ? jobs.findIndex((job) => job.id === last.current) : -1;
    const to = jobs.findIndex((job) => job.id === id);
    const range =
      from < 0 ? [id] : jobs.slice(Math.min(from, to), Math.max(from, to) + 1).map((job) => job.id);
    toggle(selection, range, on);
    last.current = id;
  };
  const all = jobs.length > 0 && jobs.every((job) => selection.value.has(job.id));
  return (
    <table class="table job-table">
      <thead>
        <tr>
          {selectable && (
            <th class="cell-check" scope="col">
              <label class="check-target">
                <input
                  type="checkbox"
                  aria-label={t('jobs.selectAll')}
                  checked={all}
                  onClick={() =>
                    toggle(
                      selection,
                      jobs.map((job) => job.id),
                      !all,
                    )
                  }
                />
              </label>
            </th>
          )}
          <th scope="col">{t('jobs.column.job')}</th>
          <th scope="col">{t('jobs.column.state')}</th>
          <th scope="col">{t('jobs.column.queue')}</th>
          <th scope="col">{t('jobs.column.since')}</th>
          <th scope="col">{t('jobs.column.detail')}</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Row
            key={job.id}
            job={job}
            selected={selection.value.has(job.id)}
            selectable={selectable}
            onToggle={(event) => click(event, job.id)}
          />
        ))}
      </tbody>
    </table>
  );
}
