import { post, get, segment } from '../api/client';
import { refreshNow } from '../api/live';
import { useResource } from '../api/resource';
import type { Queue, Queues } from '../api/types';
import { askBulk } from '../actions/bulk';
import { ConfirmDialog } from '../actions/confirm';
import { locale, rich, t } from '../i18n';
import { searchPath } from '../router';
import { writeTerm } from '../search/language';
import { mayAct } from '../state/session';
import { formatNumber } from '../text/number';
import { Bar, Button, Cards, Empty, Loaded, Page } from '../ui/basics';
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { announce, announceError } from '../ui/toast';
import { Age } from '../ui/time';

function askPause(queue: Queue): void {
  openDialog(
    <ConfirmDialog
      title={t('action.pause')}
      text={rich('confirm.pauseQueue', { name: <strong dir="auto">{queue.name}</strong> })}
      submit={t('action.pause')}
      run={async (reason) => {
        await post(`queues/${segment(queue.name)}/pause`, { reason });
        announce(t('done.pause'));
      }}
    />,
  );
}

async function resume(queue: Queue): Promise<void> {
  try {
    await post(`queues/${segment(queue.name)}/resume`);
    announce(t('done.resume'));
    refreshNow();
  } catch (error) {
    announceError(error);
  }
}

export function QueuesPage() {
  const queues = useResource('queues', (signal) => get<Queues>('queues', {}, signal));
  return (
    <Page title={t('nav.queues')}>
      <Loaded resource={queues}>
        {(value) =>
          value.queues.length === 0 ? (
            <Empty icon="queues">{t('queues.empty')}</Empty>
          ) : (
            <Cards>
              {value.queues.map((queue) => (
                <QueueCard
                  key={queue.name}
                  queue={queue}
                  most={Math.max(...value.queues.map((each) => each.ready))}
                />
              ))}
            </Cards>
          )
        }
      </Loaded>
    </Page>
  );
}

function QueueCard({ queue, most }: { queue: Queue; most: number }) {
  const jobs = (state: string) => searchPath(`${writeTerm('queue', queue.name)} state:${state}`);
  return (
    <li class="card" data-row={queue.name}>
      <div class="card-head">
        <h2 class="clip">
          <a href={jobs('Enqueued')} data-row-link dir="auto">
            {queue.name}
          </a>
        </h2>
        {queue.paused && (
          <span class="badge tone-running">
            <Icon name="pause" />
            {t('queues.paused')}
          </span>
        )}
      </div>
      <dl class="figures">
        <div>
          <dt>{t('queues.ready')}</dt>
          <dd>{formatNumber(queue.ready, locale.value)}</dd>
        </div>
        <div>
          <dt>{t('queues.running')}</dt>
          <dd>
            <a href={jobs('Processing')}>{formatNumber(queue.running, locale.value)}</a>
          </dd>
        </div>
        <div>
          <dt>{t('queues.oldest')}</dt>
          <dd>
            <Age since={queue.oldest_ready} />
          </dd>
        </div>
      </dl>
      <Bar value={queue.ready} most={most} tone="ready" label={t('queues.ready')} />
      {queue.no_handler > 0 && (
        <p class="warning-text">
          <Icon name="failures" /> {t('queues.noHandler', { count: queue.no_handler })}
        </p>
      )}
      {queue.paused && (
        <p class="breakable" dir="auto">
          {t('queues.pausedBy', { who: queue.paused_by || '?' })}
          {queue.pause_reason && `: ${queue.pause_reason}`}
        </p>
      )}
      {mayAct.value && (
        <div class="card-foot">
          <span class="spacer" />
          {queue.ready > 0 && (
            <Button
              small
              icon="trash"
              tone="danger"
              onClick={() => askBulk('delete', { filter: { queue: queue.name, state: 'Enqueued' } })}
            >
              {t('queues.drain')}
            </Button>
          )}
          {queue.paused ? (
            <Button small icon="play" onClick={() => void resume(queue)}>
              {t('action.resume')}
            </Button>
          ) : (
            <Button small icon="pause" onClick={() => askPause(queue)}>
              {t('action.pause')}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
