import { useSignal } from '@preact/signals';
import {
  askEditSchedule,
  askPauseRecurring,
  askRemove,
  askTrigger,
  resumeRecurring,
} from '../actions/recurring';
import { get } from '../api/client';
import { useResource } from '../api/resource';
import type { Recurring, RecurringPage as Answer } from '../api/types';
import { rich, stateLabel, t } from '../i18n';
import { jobPath } from '../router';
import { mayAct } from '../state/session';
import { settings } from '../state/settings';
import { Button, Cards, Empty, Loaded, Page } from '../ui/basics';
import { Icon } from '../ui/icon';
import { JsonView } from '../ui/json';
import { StateBadge } from '../ui/state';
import { Time } from '../ui/time';

const mostPages = 50;

// All pages that have been asked for, so that a refresh brings them all.
async function loadPages(pages: number, signal: AbortSignal): Promise<Answer> {
  let result: Answer | null = null;
  let after: string | null = null;
  for (let page = 0; page < Math.min(pages, mostPages); ++page) {
    const answer: Answer = await get<Answer>(
      'recurring',
      { after, limit: settings.value.pageSize },
      signal,
    );
    result = result ? { ...answer, recurring: [...result.recurring, ...answer.recurring] } : answer;
    after = answer.next;
    if (after === null) break;
  }
  return result ?? { recurring: [], next: null, now: '' };
}

export function RecurringPage() {
  const pages = useSignal(1);
  const resource = useResource('recurring', (signal) => loadPages(pages.value, signal));
  return (
    <Page title={t('nav.recurring')}>
      <Loaded resource={resource}>
        {({ recurring, next }) => (
          <>
            {recurring.length === 0 && <Empty icon="recurring">{t('recurring.empty')}</Empty>}
            <Cards>
              {recurring.map((each) => (
                <RecurringCard key={each.id} item={each} />
              ))}
            </Cards>
            {next !== null && (
              <div class="list-foot">
                <span class="spacer" />
                <Button
                  icon="down"
                  onClick={() => {
                    ++pages.value;
                    resource.reload();
                  }}
                >
                  {t('app.loadMore')}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function RecurringCard({ item }: { item: Recurring }) {
  return (
    <li class={`card recurring ${item.paused ? 'is-paused' : ''}`} data-row={item.id}>
      <div class="card-head">
        <h2 class="clip" dir="auto" tabIndex={-1} data-row-link>
          {item.id}
        </h2>
        {item.paused && (
          <span class="badge tone-running">
            <Icon name="pause" />
            {t('queues.paused')}
          </span>
        )}
        {item.error && (
          <span class="badge tone-bad">
            <Icon name="failures" />
            {stateLabel('Failed')}
          </span>
        )}
      </div>
      <p>
        <strong class="breakable">{item.description || item.schedule}</strong>
        <br />
        <span class="mono faint">{item.schedule}</span> <span class="faint">{item.zone}</span>
      </p>
      {item.error && (
        <p class="warning-text breakable" dir="auto">
          {item.error}
        </p>
      )}
      {item.paused && <PauseNote item={item} />}
      <Occurrences item={item} />
      <More item={item} />
      {mayAct.value && <RecurringActions item={item} />}
    </li>
  );
}

function Occurrences({ item }: { item: Recurring }) {
  return (
    <dl class="facts">
      <div>
        <dt>{t('recurring.next')}</dt>
        <dd>
          <Time at={item.next} />
        </dd>
      </div>
      <div>
        <dt>{t('recurring.last')}</dt>
        <dd>
          {item.last === null ? (
            <span class="faint">{t('recurring.never')}</span>
          ) : item.last_job ? (
            <a href={jobPath(item.last_job)}>
              <Time at={item.last} />
            </a>
          ) : (
            <Time at={item.last} />
          )}
          {item.last_state && <StateBadge state={item.last_state} />}
        </dd>
      </div>
      <div>
        <dt>{t('jobs.column.queue')}</dt>
        <dd dir="auto">{item.queue}</dd>
      </div>
    </dl>
  );
}

function More({ item }: { item: Recurring }) {
  return (
    <details>
      <summary>{t('recurring.upcoming')}</summary>
      <ol class="upcoming">
        {item.upcoming.map((at) => (
          <li key={at}>
            <Time at={at} absolute />
          </li>
        ))}
      </ol>
      <p class="mono breakable" dir="auto">
        {item.job}
      </p>
      <JsonView text={item.arguments} />
      <p class="faint">
        {t('recurring.runs', { count: item.runs })} ·{' '}
        {t('recurring.skipped', { count: item.skipped })} ·{' '}
        {t('recurring.misfire', { mode: item.misfire })} ·{' '}
        {t('recurring.overlap', { mode: item.overlap.replace('_', ' ') })}
      </p>
    </details>
  );
}

function PauseNote({ item }: { item: Recurring }) {
  return (
    <p class="breakable" dir="auto">
      {t('queues.pausedBy', { who: item.paused_by || '?' })}
      {item.pause_reason && `: ${item.pause_reason}`}
      {item.paused_until && (
        <> · {rich('recurring.pausedUntil', { time: <Time at={item.paused_until} absolute /> })}</>
      )}
    </p>
  );
}

function RecurringActions({ item }: { item: Recurring }) {
  return (
    <div class="card-foot">
      <Button small icon="play" onClick={() => askTrigger(item)}>
        {t('action.trigger')}
      </Button>
      {item.paused ? (
        <Button small icon="play" onClick={() => void resumeRecurring(item)}>
          {t('action.resume')}
        </Button>
      ) : (
        <Button small icon="pause" onClick={() => askPauseRecurring(item)}>
          {t('action.pause')}
        </Button>
      )}
      <Button small icon="edit" onClick={() => askEditSchedule(item)}>
        {t('action.editSchedule')}
      </Button>
      <span class="spacer" />
      <Button small icon="trash" tone="danger" onClick={() => askRemove(item)}>
        {t('action.remove')}
      </Button>
    </div>
  );
}
