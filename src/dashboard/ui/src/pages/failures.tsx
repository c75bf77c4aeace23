import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { askBulk } from '../actions/bulk';
import { ApiError, get } from '../api/client';
import { tick } from '../api/live';
import type { FailureGroup, Failures } from '../api/types';
import { Spark } from '../charts/spark';
import { addGroups } from '../failures/groups';
import { locale, rich, t } from '../i18n';
import { changeQuery, jobPath, route, searchPath } from '../router';
import { writeTerm } from '../search/language';
import { nothing, searchPieces, type Found } from '../search/piecewise';
import { serverNow } from '../state/clock';
import { mayAct } from '../state/session';
import { formatNumber } from '../text/number';
import { Button, Cards, Empty, ErrorNote, Page, Segments } from '../ui/basics';
import { Time } from '../ui/time';

const windows = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, any: 0 };
type Window = keyof typeof windows;

function useFailures(window: Window) {
  const found = useSignal<Found<FailureGroup>>(nothing);
  const busy = useSignal(true);
  const error = useSignal<ApiError | null>(null);
  const run = useRef({ number: 0, stopped: false });
  const search = async (start: Found<FailureGroup>, quiet: boolean) => {
    const number = ++run.current.number;
    run.current.stopped = false;
    const mine = () => run.current.number === number;
    const span = windows[window];
    const since_from = span ? new Date(serverNow() - span).toISOString() : undefined;
    busy.value = !quiet;
    try {
      const result = await searchPieces(
        start,
        Infinity,
        async (cursor) => {
          const piece = await get<Failures>('failures', { since_from, cursor });
          return { ...piece, items: piece.groups };
        },
        (news) => {
          if (mine() && !quiet) found.value = { ...news, items: addGroups(news.items) };
          return mine() && !run.current.stopped;
        },
      );
      if (mine()) {
        found.value = { ...result, items: addGroups(result.items) };
        error.value = null;
      }
    } catch (problem) {
      if (mine())
        error.value = problem instanceof ApiError ? problem : new ApiError(0, String(problem));
    } finally {
      if (mine()) busy.value = false;
    }
  };
  useEffect(() => {
    found.value = nothing;
    void search(nothing, false);
    let first = true;
    const stop = tick.subscribe(() => {
      // What took several pieces is not searched again behind the reader's back.
      if (!first && !busy.peek() && found.peek().pieces <= 1) void search(nothing, true);
      first = false;
    });
    return () => {
      stop();
      ++run.current.number;
    };
  }, [window]);
  return {
    found,
    busy,
    error,
    more: () => void search(found.value, false),
    stop: () => (run.current.stopped = true),
    reload: () => void search(nothing, false),
  };
}

export function FailuresPage() {
  const asked = route.value.query.get('within') as Window | null;
  const window: Window = asked && asked in windows ? asked : '24h';
  const failures = useFailures(window);
  const { items, next, examined } = failures.found.value;
  const labels = {
    '1h': '1 h',
    '24h': t('overview.hours24'),
    '7d': t('overview.days7'),
    any: t('failures.any'),
  };
  return (
    <Page
      title={t('nav.failures')}
      aside={
        <Segments
          label={t('failures.window')}
          value={window}
          options={(Object.keys(windows) as Window[]).map((value) => ({
            value,
            label: labels[value],
          }))}
          onChange={(within) => changeQuery({ within })}
        />
      }
    >
      {failures.error.value && <ErrorNote error={failures.error.value} retry={failures.reload} />}
      {items.length === 0 && !failures.busy.value && !failures.error.value && next === null && (
        <Empty icon="check">{t('failures.empty')}</Empty>
      )}
      <Cards>
        {items.map((group) => (
          <Group key={group.key} group={group} />
        ))}
      </Cards>
      {(next !== null || failures.busy.value) && (
        <div class="list-foot">
          <p class="faint" aria-live="polite">
            {t('jobs.examined', { count: examined })}
          </p>
          <span class="spacer" />
          {failures.busy.value ? (
            <Button icon="stop" onClick={failures.stop}>
              {t('jobs.stop')}
            </Button>
          ) : (
            <Button icon="down" onClick={failures.more}>
              {t('jobs.goOn')}
            </Button>
          )}
        </div>
      )}
    </Page>
  );
}

// The group's own filter, in the words of the search.
function searchFor({ failure, since_from, queue }: Record<string, string | undefined>): string {
  const terms = [
    writeTerm('state', 'Failed'),
    failure && writeTerm('failure', failure),
    queue && writeTerm('queue', queue),
    since_from && writeTerm('since', `>=${since_from}`),
  ];
  return terms.filter(Boolean).join(' ');
}

function Group({ group }: { group: FailureGroup }) {
  const { filter } = group;
  return (
    <li class="card failure" data-row={group.key}>
      <div class="card-head">
        <h2 class="clip" dir="auto">
          {group.name}
        </h2>
        <span class="badge tone-bad">{formatNumber(group.count, locale.value)}</span>
      </div>
      <p class="mono breakable signature" dir="auto">
        {group.signature}
      </p>
      <div class="failure-facts">
        <Spark values={group.trend} label={t('failures.trend')} />
        <span class="faint">
          {rich('failures.firstLast', {
            first: <Time at={group.first} />,
            last: <Time at={group.last} />,
          })}
        </span>
      </div>
      <details>
        <summary>{t('failures.sample')}</summary>
        <p class="breakable sample" dir="auto">
          {group.sample.slice(0, 4000)}
        </p>
        <a href={jobPath(group.sample_job)} class="mono">
          {group.sample_job}
        </a>
      </details>
      <div class="card-foot">
        <a class="button small" href={searchPath(searchFor(filter))} data-row-link>
          {t('failures.show')}
        </a>
        <span class="spacer" />
        {mayAct.value && (
          <>
            <Button small icon="retries" onClick={() => askBulk('requeue', { filter })}>
              {t('failures.retryGroup')}
            </Button>
            <Button
              small
              icon="trash"
              tone="danger"
              onClick={() => askBulk('delete', { filter })}
            >
              {t('failures.deleteGroup')}
            </Button>
          </>
        )}
      </div>
    </li>
  );
}
