// The fields that some actions need besides a reason.

import { useSignal, type Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { overview } from '../api/live';
import { t } from '../i18n';
import { zoneName } from '../state/settings';
import { parseDuration } from '../text/duration';
import { fromLocal } from '../text/time';
import { zoneLabel } from '../ui/time';

export type JobAction = 'requeue' | 'delete' | 'reschedule' | 'move';
export interface Fields {
  delay: Signal<string>;
  at: Signal<string>;
  queue: Signal<string>;
}
export interface Body {
  delay_us?: number;
  at?: string;
  queue?: string;
}

export function useFields(): Fields {
  return { delay: useSignal('10m'), at: useSignal(''), queue: useSignal('') };
}

/** The request's part of the fields, or what is wrong with them. */
export function readFields(action: JobAction, fields: Fields): Body | string {
  if (action === 'move') {
    const queue = fields.queue.value.trim();
    return queue === '' ? t('field.required') : { queue };
  }
  if (action !== 'reschedule') return {};
  if (fields.at.value !== '') {
    const at = fromLocal(fields.at.value, zoneName());
    return at ? { at: at.toISOString() } : t('field.badTime');
  }
  const delay = parseDuration(fields.delay.value.trim());
  return delay === null ? t('field.badDelay') : { delay_us: delay };
}

export function TextField(props: {
  label: string;
  value: Signal<string>;
  hint?: string;
  type?: string;
  list?: string[];
  autofocus?: boolean;
  onInput?: () => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        type={props.type ?? 'text'}
        value={props.value}
        list={props.list ? `${id}-list` : undefined}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        data-autofocus={props.autofocus}
        autocomplete="off"
        onInput={(event) => {
          props.value.value = event.currentTarget.value;
          props.onInput?.();
        }}
      />
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.list && (
        <datalist id={`${id}-list`}>
          {props.list.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </div>
  );
}

export function ActionFields({ action, fields }: { action: JobAction; fields: Fields }) {
  if (action === 'move') {
    const queues = overview.value?.queues.map((each) => each.name) ?? [];
    return <TextField label={t('field.queue')} value={fields.queue} list={queues} autofocus />;
  }
  if (action !== 'reschedule') return null;
  return (
    <div class="field-pair">
      <TextField
        label={t('field.delay')}
        value={fields.delay}
        hint={t('field.delayHint')}
        onInput={() => (fields.at.value = '')}
        autofocus
      />
      <TextField
        label={t('field.at', { zone: zoneLabel() })}
        value={fields.at}
        type="datetime-local"
        onInput={() => (fields.delay.value = '')}
      />
    </div>
  );
}
