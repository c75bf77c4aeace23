import { useSignal } from '@preact/signals';
import { get } from '../api/client';
import { overview } from '../api/live';
import { useResource } from '../api/resource';
import type { Servers, StateCount } from '../api/types';
import { locale, stateLabel, t } from '../i18n';
import { JobList } from '../jobs/list';
import { useJobSearch } from '../jobs/use-search';
import { changeQuery, pathTo, route } from '../router';
import { knownValues, SearchBox } from '../search/box';
import { parseSearch, termOf, withTerm } from '../search/language';
import { removeView, saveView, views } from '../search/views';
import { serverNow } from '../state/clock';
import { formatShort } from '../text/number';
import { Button, Page } from '../ui/basics';
import { Icon } from '../ui/icon';
import { kindOf, StateIcon } from '../ui/state';

const ours = ['Enqueued', 'Scheduled', 'Awaiting', 'Processing', 'Succeeded', 'Failed', 'Deleted'];
const ofBatches = ['BatchStarted', 'BatchSucceeded', 'BatchCompleted'];

/** Ours in the order of a job's life, then those of the users' programs. */
export function groupStates(counts: readonly StateCount[]): {
  jobs: StateCount[];
  batches: StateCount[];
} {
  const named = (state: string): StateCount =>
    counts.find((each) => each.state === state) ?? { state, kind: kindOf(state), count: 0 };
  const others = counts.filter(({ state }) => !ours.includes(state) && !ofBatches.includes(state));
  return { jobs: [...ours.map(named), ...others], batches: ofBatches.map(named) };
}

export function JobsPage() {
  const query = route.value.query.get('q') ?? '';
  const counts = overview.value?.counts ?? [];
  const context = () => ({
    now: serverNow(),
    states: [...ours, ...ofBatches, ...(overview.peek()?.counts.map((each) => each.state) ?? [])],
  });
  const parsed = parseSearch(query, context());
  const faulty = parsed.faults.length > 0;
  const search = useJobSearch(query, () =>
    faulty ? null : parseSearch(query, context()).parameters,
  );
  const shown = search.found.value.items;
  // For completion only: what the servers can run, besides what is shown.
  const servers =
    useResource('completion', (signal) => get<Servers>('servers', {}, signal), false).data.value
      ?.servers ?? [];
  const names = [
    ...new Set([...shown.map((job) => job.name), ...servers.flatMap((server) => server.job_names)]),
  ].sort();
  const tags = [...new Set(shown.flatMap((job) => job.tags))].sort();
  const hasFilter = Object.keys(parsed.parameters).length > 0 && !faulty;
  return (
    <Page title={t('jobs.title')} aside={<Views query={query} />}>
      <SearchBox
        query={query}
        values={{ ...knownValues(names, tags), server: servers.map((server) => server.id) }}
        faults={parsed.faults}
        onSearch={(q) => (q === query ? search.start() : changeQuery({ q }))}
      />
      <div class="jobs-layout">
        <StateTabs query={query} counts={counts} />
        <div class="panel list-panel" aria-busy={search.searching.value}>
          <JobList
            key={query}
            search={search}
            filter={hasFilter ? parsed.parameters : null}
            empty={query ? t('jobs.noMatch') : t('jobs.empty')}
          />
        </div>
      </div>
    </Page>
  );
}

function StateTabs({ query, counts }: { query: string; counts: readonly StateCount[] }) {
  const { jobs, batches } = groupStates(counts);
  const present = termOf(query, 'state')?.toLowerCase();
  const tab = ({ state, kind, count }: StateCount) => (
    <li key={state}>
      <a
        class="state-tab"
        href={pathTo('jobs', { q: withTerm(query, 'state', state) })}
        aria-current={present === state.toLowerCase() ? 'true' : undefined}
      >
        <StateIcon state={state} kind={kind} />
        <span class="clip" dir="auto">
          {stateLabel(state)}
        </span>
        <span class="count">{formatShort(count, locale.value)}</span>
      </a>
    </li>
  );
  return (
    <nav class="state-tabs" aria-label={t('jobs.states')}>
      <ul>
        <li>
          <a
            class="state-tab"
            href={pathTo('jobs', { q: withTerm(query, 'state', null) })}
            aria-current={present === undefined ? 'true' : undefined}
          >
            <Icon name="jobs" />
            <span class="clip">{t('jobs.all')}</span>
          </a>
        </li>
        {jobs.map(tab)}
      </ul>
      <h2 class="tab-head">{t('nav.batches')}</h2>
      <ul>{batches.map(tab)}</ul>
    </nav>
  );
}

function Views({ query }: { query: string }) {
  const naming = useSignal(false);
  const name = useSignal('');
  const save = (event: Event) => {
    event.preventDefault();
    if (name.value.trim() === '') return;
    saveView({ name: name.value.trim(), query });
    naming.value = false;
    name.value = '';
  };
  return (
    <div class="views" role="group" aria-label={t('jobs.savedViews')}>
      {views.value.map((view) => (
        <span key={view.name} class="view">
          <a
            href={pathTo('jobs', { q: view.query })}
            aria-current={view.query === query ? 'true' : undefined}
            dir="auto"
          >
            {view.name}
          </a>
          <button
            type="button"
            class="icon-button"
            aria-label={t('jobs.removeView', { name: view.name })}
            onClick={() => removeView(view.name)}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      {naming.value ? (
        <form class="view-form" onSubmit={save}>
          <input
            aria-label={t('jobs.viewName')}
            placeholder={t('jobs.viewName')}
            value={name}
            maxLength={40}
            ref={(element) => element?.focus()}
            onInput={(event) => (name.value = event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && (naming.value = false)}
          />
          <Button small submit>
            {t('app.save')}
          </Button>
        </form>
      ) : (
        query !== '' && (
          <Button small icon="star" onClick={() => (naming.value = true)}>
            {t('jobs.saveView')}
          </Button>
        )
      )}
    </div>
  );
}
