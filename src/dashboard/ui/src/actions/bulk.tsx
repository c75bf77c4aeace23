// Many jobs at once. What a filter matches is counted first; then the server works in the background.

import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, segment } from '../api/client';
import { refreshNow } from '../api/live';
import type { Bulk, BulkRequest } from '../api/types';
import { t } from '../i18n';
import { bulks, learnBulk } from '../state/bulks';
import { Bar, Button } from '../ui/basics';
import { closeDialog, Dialog, openDialog } from '../ui/dialog';
import { announceError, describeError } from '../ui/toast';
import { ActionFields, readFields, TextField, useFields, type JobAction } from './fields';

export interface Chosen {
  ids?: string[];
  filter?: Record<string, string>;
}

const pollMilliseconds = 500;

/** Asks after a bulk action until it has ended. The returned function stops asking. */
function follow(
  id: string,
  learn: (bulk: Bulk) => void,
  fail: (error: unknown) => void,
): () => void {
  let stopped = false;
  const ask = async () => {
    try {
      const bulk = await get<Bulk>(`bulk/${segment(id)}`);
      if (stopped) return;
      learn(bulk);
      if (bulk.state === 'running') setTimeout(() => void ask(), pollMilliseconds);
    } catch (error) {
      if (!stopped) fail(error);
    }
  };
  void ask();
  return () => (stopped = true);
}

// Starts one and reports how it goes on. The result of the dry run is a bulk action like others.
function useBulk(target: Signal<Bulk | null>, problem: Signal<string>) {
  const stop = useSignal<() => void>(() => {});
  useEffect(() => () => stop.value(), []);
  return async (request: BulkRequest) => {
    const fail = (error: unknown) => (problem.value = describeError(error));
    problem.value = '';
    try {
      const bulk = await post<Bulk>('bulk', request);
      const learn = (news: Bulk) => {
        target.value = news;
        if (!news.dry_run) learnBulk(news);
        if (news.state === 'failed') problem.value = news.error;
        if (!news.dry_run && news.state !== 'running') refreshNow();
      };
      learn(bulk);
      if (bulk.state === 'running') stop.value = follow(bulk.id, learn, fail);
    } catch (error) {
      fail(error);
    }
  };
}

export function BulkProgress({ bulk }: { bulk: Bulk }) {
  const most = bulk.total ?? bulk.found;
  const done = bulk.changed + bulk.skipped;
  const ended = bulk.state !== 'running';
  const tone = bulk.state === 'done' ? 'good' : bulk.state === 'running' ? 'running' : 'gone';
  const label = t('bulk.progress', { changed: bulk.changed, skipped: bulk.skipped, found: most });
  return (
    <div class="bulk-progress">
      <Bar
        value={ended && bulk.state === 'done' ? 1 : done}
        most={ended && bulk.state === 'done' ? 1 : most}
        tone={tone}
        label={label}
      />
      <p aria-live="polite">
        {bulk.dry_run ? t('bulk.counted', { count: bulk.found }) : label} ·{' '}
        {t(`bulk.state.${bulk.state}`)}
      </p>
    </div>
  );
}

export async function cancelBulk(id: string): Promise<void> {
  learnBulk(await post<Bulk>(`bulk/${segment(id)}/cancel`));
}

function BulkDialog({ action, chosen }: { action: JobAction; chosen: Chosen }) {
  const fields = useFields();
  const reason = useSignal('');
  const problem = useSignal('');
  const counted = useSignal<Bulk | null>(null);
  const running = useSignal<Bulk | null>(null);
  const countAll = useBulk(counted, problem);
  const runAll = useBulk(running, problem);
  const byFilter = chosen.filter !== undefined;
  useEffect(() => {
    if (byFilter) void countAll({ action, ...chosen, dry_run: true });
  }, []);

  const count = byFilter ? (counted.value?.found ?? 0) : (chosen.ids?.length ?? 0);
  const ready = !byFilter || counted.value?.state === 'done';
  const submit = () => {
    const read = readFields(action, fields);
    if (typeof read === 'string') problem.value = read;
    else void runAll({ action, ...chosen, ...read, reason: reason.value.trim() });
  };
  const title = t('bulk.title', { action: t(`action.${action}`) });
  if (running.value)
    return <RunningDialog title={title} bulk={running.value} problem={problem.value} />;
  return (
    <Dialog
      title={title}
      onSubmit={() => ready && count > 0 && submit()}
      footer={
        <>
          <Button onClick={closeDialog}>{t('app.cancel')}</Button>
          <Button
            submit
            tone={action === 'delete' ? 'danger' : 'primary'}
            disabled={!ready || count === 0}
          >
            {ready
              ? t('bulk.start', { action: t(`action.${action}`), count })
              : t(`action.${action}`)}
          </Button>
        </>
      }
    >
      <p class="bulk-count" aria-live="polite" data-test="bulk-count">
        {!byFilter && t('bulk.chosen', { count })}
        {byFilter && !ready && !problem.value && t('bulk.counting')}
        {byFilter && ready && (count === 0 ? t('bulk.nothing') : t('bulk.counted', { count }))}
      </p>
      {byFilter && (
        <dl class="filter-list">
          {Object.entries(chosen.filter ?? {}).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {byFilter && <p class="hint">{t('bulk.moves')}</p>}
      <ActionFields action={action} fields={fields} />
      <TextField label={t('app.reason')} value={reason} hint={t('app.reasonHint')} autofocus />
      <p class="field-error" role="alert">
        {problem}
      </p>
    </Dialog>
  );
}

function RunningDialog({ title, bulk, problem }: { title: string; bulk: Bulk; problem: string }) {
  // Cancelling answers at once, before the next poll does.
  const known = bulks.value.find((each) => each.id === bulk.id) ?? bulk;
  const active = known.state === 'running';
  return (
    <Dialog
      title={title}
      onSubmit={closeDialog}
      footer={
        <>
          {active && (
            <Button tone="danger" onClick={() => cancelBulk(bulk.id).catch(announceError)}>
              {t('app.cancel')}
            </Button>
          )}
          <Button submit tone="primary">
            {active ? t('bulk.background') : t('app.close')}
          </Button>
        </>
      }
    >
      <BulkProgress bulk={known} />
      <p class="field-error" role="alert">
        {problem}
      </p>
    </Dialog>
  );
}

export function askBulk(action: JobAction, chosen: Chosen): void {
  openDialog(<BulkDialog action={action} chosen={chosen} />);
}
