import { useEffect } from 'preact/hooks';
import { BulkProgress, cancelBulk } from '../actions/bulk';
import type { Bulk } from '../api/types';
import { rich, t, type Key } from '../i18n';
import { bulks, loadBulks } from '../state/bulks';
import { mayAct } from '../state/session';
import { Button, Cards, Empty, Page } from '../ui/basics';
import { announceError } from '../ui/toast';
import { Time } from '../ui/time';

export function actionLabel(action: string): string {
  const known = ['requeue', 'delete', 'reschedule', 'move'];
  return known.includes(action) ? t(`action.${action}` as Key & 'action.move') : action;
}

export function BulkPage() {
  useEffect(() => {
    loadBulks().catch(announceError);
  }, []);
  return (
    <Page title={t('nav.bulk')}>
      {bulks.value.length === 0 && <Empty icon="bulk">{t('bulk.empty')}</Empty>}
      <Cards>
        {bulks.value.map((bulk) => (
          <BulkCard key={bulk.id} bulk={bulk} />
        ))}
      </Cards>
    </Page>
  );
}

function BulkCard({ bulk }: { bulk: Bulk }) {
  return (
    <li class="card" data-row={bulk.id}>
      <div class="card-head">
        <h2>{actionLabel(bulk.action)}</h2>
        {bulk.dry_run && <span class="chip">{t('bulk.dryRun')}</span>}
      </div>
      <BulkProgress bulk={bulk} />
      {bulk.error && (
        <p class="warning-text breakable" dir="auto">
          {bulk.error}
        </p>
      )}
      <p class="card-line">
        <span class="faint" dir="auto">
          {rich('bulk.startedBy', { actor: bulk.actor || '–' })}
        </span>
        <span class="spacer" />
        <Time at={bulk.started_at} />
      </p>
      {mayAct.value && bulk.state === 'running' && (
        <div class="card-foot">
          <span class="spacer" />
          <Button
            small
            tone="danger"
            icon="stop"
            onClick={() => cancelBulk(bulk.id).catch(announceError)}
          >
            {t('app.cancel')}
          </Button>
        </div>
      )}
    </li>
  );
}
