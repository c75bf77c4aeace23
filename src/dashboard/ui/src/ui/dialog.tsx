import { signal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icon';

// At most one is open. The element is the browser's own <dialog>, shown modally: it keeps the focus
// inside, closes on Escape and gives the focus back.
const current = signal<VNode | null>(null);

export const dialogOpen = () => current.value !== null;

export function openDialog(dialog: VNode): void {
  current.value = dialog;
}

export function closeDialog(): void {
  current.value = null;
}

export function DialogHost() {
  return current.value;
}

interface Props {
  title: string;
  children: ComponentChildren;
  footer?: ComponentChildren;
  wide?: boolean;
  onSubmit?: () => void;
}

export function Dialog({ title, children, footer, wide, onSubmit }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    const first = dialog?.querySelector<HTMLElement>('[data-autofocus]');
    first?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby="dialog-title"
      onCancel={closeDialog}
      onClose={() => element.current && !element.current.open && closeDialog()}
      onMouseDown={(event) => event.target === element.current && closeDialog()}
    >
      <form
        class="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button
            type="button"
            class="icon-button"
            aria-label={t('app.close')}
            onClick={closeDialog}
          >
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-content">{children}</div>
        {footer && <footer class="dialog-foot">{footer}</footer>}
      </form>
    </dialog>
  );
}
