// A list of jobs with everything around it: selection, bulk actions, keys, "load more".

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { askBulk } from '../actions/bulk';
import type { JobAction } from '../actions/fields';
import { askJobAction, jobActions } from '../actions/job';
import { t } from '../i18n';
import { mayAct } from '../state/session';
import { Button, Empty, ErrorNote } from '../ui/basics';
import { focusedRow, useKeys } from '../ui/keys';
import { JobTable, toggle, type Selection } from './table';
import type { JobSearch } from './use-search';

interface Props {
  search: JobSearch;
  /** For "all that match"; null when there is nothing to match by. */
  filter: Record<string, string> | null;
  empty: string;
}

export function JobList({ search, filter, empty }: Props) {
  const selection: Selection = useSignal<ReadonlySet<string>>(new Set());
  const jobs = search.found.value.items;
  const filterKey = JSON.stringify(filter);
  useEffect(() => {
    selection.value = new Set();
  }, [filterKey]);

  const act = (action: JobAction) => {
    if (!mayAct.value) return;
    if (selection.value.size > 0) return askBulk(action, { ids: [...selection.value] });
    const job = jobs.find((each) => each.id === focusedRow());
    if (job) askJobAction(job, action);
  };
  useKeys({
    x: () => {
      const id = focusedRow();
      if (id && mayAct.value) toggle(selection, [id], !selection.value.has(id));
    },
    r: () => act('requeue'),
    d: () => act('delete'),
    s: () => act('reschedule'),
    m: () => act('move'),
  });

  const { error, loaded } = search;
  return (
    <>
      {error.value && <ErrorNote error={error.value} retry={() => search.start()} />}
      {mayAct.value && (jobs.length > 0 || selection.value.size > 0) && (
        <SelectionBar selection={selection} filter={filter} onAction={act} />
      )}
      {jobs.length > 0 && <JobTable jobs={jobs} selection={selection} />}
      {jobs.length === 0 &&
        loaded.value &&
        !search.searching.value &&
        !error.value &&
        search.found.value.next === null && <Empty icon="jobs">{empty}</Empty>}
      <ListFoot search={search} />
    </>
  );
}

function SelectionBar(props: {
  selection: Selection;
  filter: Props['filter'];
  onAction: (action: JobAction) => void;
}) {
  const { selection, filter, onAction } = props;
  const count = selection.value.size;
  const useFilter = useSignal(false);
  const all = count === 0 && useFilter.value && filter !== null;
  return (
    <div class="selection-bar" role="toolbar" aria-label={t('app.actions')}>
      {count > 0 ? (
        <>
          <strong aria-live="polite">{t('jobs.selected', { count })}</strong>
          <Button small onClick={() => (selection.value = new Set())} icon="close">
            {t('jobs.clearSelection')}
          </Button>
        </>
      ) : (
        filter !== null && (
          <label class="inline-check">
            <input
              type="checkbox"
              checked={useFilter.value}
              onClick={() => (useFilter.value = !useFilter.value)}
            />
            {t('jobs.allMatching')}
          </label>
        )
      )}
      <span class="spacer" />
      {jobActions.map(({ action, icon }) => (
        <Button
          key={action}
          small
          icon={icon}
          tone={action === 'delete' ? 'danger' : undefined}
          disabled={count === 0 && !all}
          onClick={() => (all && filter ? askBulk(action, { filter }) : onAction(action))}
        >
          {t(`action.${action}`)}
        </Button>
      ))}
    </div>
  );
}

function ListFoot({ search }: { search: JobSearch }) {
  const { items, next, examined } = search.found.value;
  const searching = search.searching.value;
  const piecewise = search.piecewise();
  if (!search.loaded.value) return <p class="loading">{t('app.loading')}</p>;
  return (
    <div class="list-foot">
      <p class="faint" aria-live="polite" data-test="list-count">
        {piecewise
          ? `${t('jobs.examined', { count: examined })} · ${t('jobs.found', { count: items.length })}`
          : items.length > 0 && t('jobs.shown', { count: items.length })}
        {searching && piecewise && ` · ${t('jobs.searching')}`}
      </p>
      <span class="spacer" />
      {piecewise && searching && (
        <Button icon="stop" onClick={() => search.stop()}>
          {t('jobs.stop')}
        </Button>
      )}
      {piecewise && !searching && (
        <Button icon="retries" onClick={() => search.start()}>
          {t('jobs.refresh')}
        </Button>
      )}
      {next !== null && (!piecewise || !searching) && (
        <Button icon="down" onClick={() => search.more()} disabled={searching && piecewise}>
          {piecewise ? t('jobs.goOn') : t('app.loadMore')}
        </Button>
      )}
    </div>
  );
}
