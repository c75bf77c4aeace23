// What can be done with a recurring definition.

import { useSignal } from '@preact/signals';
import { post, segment } from '../api/client';
import { refreshNow } from '../api/live';
import type { Recurring } from '../api/types';
import { rich, t } from '../i18n';
import { zoneName } from '../state/settings';
import { fromLocal } from '../text/time';
import { JobLink } from '../ui/basics';
import { openDialog } from '../ui/dialog';
import { announce, announceError } from '../ui/toast';
import { zoneLabel } from '../ui/time';
import { ConfirmDialog } from './confirm';
import { TextField } from './fields';

const path = (item: Recurring, action: string) => `recurring/${segment(item.id)}/${action}`;
const strong = (item: Recurring) => <strong dir="auto">{item.id}</strong>;

export function askTrigger(item: Recurring): void {
  openDialog(
    <ConfirmDialog
      title={t('action.trigger')}
      text={rich('confirm.triggerRecurring', { name: strong(item) })}
      submit={t('action.trigger')}
      run={async (reason) => {
        const { id } = await post<{ id: string }>(path(item, 'trigger'), { reason });
        announce(rich('done.runAgain', { id: <JobLink id={id} /> }));
      }}
    />,
  );
}

function PauseDialog({ item }: { item: Recurring }) {
  const until = useSignal('');
  const read = () => (until.value === '' ? null : fromLocal(until.value, zoneName()));
  return (
    <ConfirmDialog
      title={t('action.pause')}
      text={rich('confirm.pauseRecurring', { name: strong(item) })}
      submit={t('action.pause')}
      check={() => (until.value !== '' && read() === null ? t('field.badTime') : null)}
      run={async (reason) => {
        await post(path(item, 'pause'), { reason, until: read()?.toISOString() });
        announce(t('done.pause'));
      }}
    >
      <TextField
        label={t('field.until', { zone: zoneLabel() })}
        value={until}
        type="datetime-local"
        autofocus
      />
    </ConfirmDialog>
  );
}

export function askPauseRecurring(item: Recurring): void {
  openDialog(<PauseDialog item={item} />);
}

export async function resumeRecurring(item: Recurring): Promise<void> {
  try {
    await post(path(item, 'resume'));
    announce(t('done.resume'));
    refreshNow();
  } catch (error) {
    announceError(error);
  }
}

export function askRemove(item: Recurring): void {
  openDialog(
    <ConfirmDialog
      danger
      title={t('action.remove')}
      text={rich('confirm.removeRecurring', { name: strong(item) })}
      submit={t('action.remove')}
      run={async (reason) => {
        await post(path(item, 'remove'), { reason });
        announce(t('done.remove'));
      }}
    />,
  );
}

function ScheduleDialog({ item }: { item: Recurring }) {
  const schedule = useSignal(item.schedule);
  const zone = useSignal(item.zone);
  return (
    <ConfirmDialog
      title={t('action.editSchedule')}
      text={strong(item)}
      submit={t('app.save')}
      check={() => (schedule.value.trim() === '' ? t('field.required') : null)}
      run={async (reason) => {
        await post(path(item, 'schedule'), {
          reason,
          schedule: schedule.value.trim(),
          zone: zone.value.trim(),
        });
        announce(t('done.saved'));
      }}
    >
      <TextField
        label={t('field.schedule')}
        value={schedule}
        hint={t('field.scheduleHint')}
        autofocus
      />
      <TextField label={t('field.zone')} value={zone} list={Intl.supportedValuesOf('timeZone')} />
    </ConfirmDialog>
  );
}

export function askEditSchedule(item: Recurring): void {
  openDialog(<ScheduleDialog item={item} />);
}
