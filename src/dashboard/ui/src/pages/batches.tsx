import { get, segment } from '../api/client';
import { useResource } from '../api/resource';
import { overview } from '../api/live';
import type { JobDetails, JobSummary } from '../api/types';
import { locale, stateLabel, t } from '../i18n';
import { useJobSearch } from '../jobs/use-search';
import { changeQuery, jobPath, route } from '../router';
import { formatPercent, formatShort, shortenId } from '../text/number';
import { Bar, Button, Cards, Empty, ErrorNote, Page, Segments } from '../ui/basics';
import { StateBadge } from '../ui/state';
import { Time } from '../ui/time';

const states = ['BatchStarted', 'BatchSucceeded', 'BatchCompleted'];

export function BatchesPage() {
  const asked = route.value.query.get('state') ?? '';
  const state = states.includes(asked) ? asked : 'BatchStarted';
  const search = useJobSearch(`batches ${state}`, () => ({ state }));
  const { items, next } = search.found.value;
  const count = (name: string) =>
    overview.value?.counts.find((each) => each.state === name)?.count ?? 0;
  return (
    <Page
      title={t('nav.batches')}
      aside={
        <Segments
          label={t('jobs.states')}
          value={state}
          options={states.map((value) => ({
            value,
            label: `${stateLabel(value)} ${formatShort(count(value), locale.value)}`,
          }))}
          onChange={(value) => changeQuery({ state: value })}
        />
      }
    >
      {search.error.value && <ErrorNote error={search.error.value} retry={() => search.start()} />}
      {items.length === 0 && search.loaded.value && !search.searching.value && (
        <Empty icon="batches">{t('batches.empty')}</Empty>
      )}
      <Cards>
        {items.map((batch) => (
          <BatchCard key={batch.id} batch={batch} />
        ))}
      </Cards>
      {next !== null && (
        <div class="list-foot">
          <span class="spacer" />
          <Button icon="down" onClick={() => search.more()}>
            {t('app.loadMore')}
          </Button>
        </div>
      )}
    </Page>
  );
}

function BatchCard({ batch }: { batch: JobSummary }) {
  return (
    <li class="card" data-row={batch.id}>
      <div class="card-head">
        <h2 class="clip">
          <a href={jobPath(batch.id)} data-row-link dir="auto">
            {batch.display_name || batch.name || shortenId(batch.id)}
          </a>
        </h2>
        <StateBadge state={batch.state} kind={batch.kind} />
      </div>
      <Progress batch={batch} />
      <p class="card-line">
        <span class="mono faint">{shortenId(batch.id)}</span>
        <span class="spacer" />
        <Time at={batch.since} />
      </p>
    </li>
  );
}

// A list does not tell the members: asked for one by one.
function Progress({ batch }: { batch: JobSummary }) {
  const live = batch.kind !== 'final';
  const details = useResource(
    `batch ${batch.id} ${batch.state}`,
    (signal) => get<JobDetails>(`jobs/${segment(batch.id)}`, {}, signal),
    live,
  );
  const members = details.data.value?.members;
  if (!members) return <Bar value={0} most={1} label={t('job.progress')} />;
  const { total, outstanding } = members;
  const done = total - outstanding;
  return (
    <>
      <Bar
        value={done}
        most={total}
        tone={outstanding === 0 ? 'good' : 'running'}
        label={t('job.progress')}
      />
      <p class="card-line">
        <strong>{formatPercent(total > 0 ? done / total : 1, locale.value)}</strong>
        <span class="faint">{t('job.membersDone', { ...members })}</span>
      </p>
    </>
  );
}
