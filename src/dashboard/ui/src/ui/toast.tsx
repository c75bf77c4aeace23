import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { ApiError } from '../api/client';
import { t } from '../i18n';
import { Icon } from './icon';

interface Toast {
  number: number;
  tone: 'good' | 'bad';
  content: ComponentChildren;
}

const shownMilliseconds = 6000;
const toasts = signal<Toast[]>([]);
let last = 0;

function dismiss(number: number): void {
  toasts.value = toasts.value.filter((each) => each.number !== number);
}

export function announce(content: ComponentChildren, tone: Toast['tone'] = 'good'): void {
  const number = ++last;
  toasts.value = [...toasts.value.slice(-3), { number, tone, content }];
  // Errors stay until somebody has read them.
  if (tone === 'good') setTimeout(() => dismiss(number), shownMilliseconds);
}

export function describeError(error: unknown): string {
  if (!(error instanceof ApiError)) return t('app.failed', { detail: String(error) });
  if (error.status === 0) return t('app.unreachable');
  const detail = error.message || String(error.status);
  const forbidden = error.status === 401 || error.status === 403;
  return t(forbidden ? 'app.refused' : 'app.failed', { detail });
}

export function announceError(error: unknown): void {
  announce(describeError(error), 'bad');
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ number, tone, content }) => (
        <div key={number} class={`toast tone-${tone}`}>
          <Icon name={tone === 'good' ? 'check' : 'failures'} />
          <span class="toast-text">{content}</span>
          <button class="icon-button" aria-label={t('app.close')} onClick={() => dismiss(number)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
