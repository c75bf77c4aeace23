import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { refreshNow } from '../api/live';
import { Button } from '../ui/basics';
import { closeDialog, Dialog } from '../ui/dialog';
import { describeError } from '../ui/toast';
import { TextField } from './fields';

interface Props {
  title: string;
  text: ComponentChildren;
  submit: string;
  danger?: boolean;
  wide?: boolean;
  children?: ComponentChildren;
  /** Says what is wrong with the fields; null when nothing is. */
  check?: () => string | null;
  run: (reason: string) => Promise<void>;
}

/** Says what will happen, asks for a reason, does it, and stays open when it fails. */
export function ConfirmDialog(props: Props) {
  const reason = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal('');
  const submit = async () => {
    if (busy.value) return;
    problem.value = props.check?.() ?? '';
    if (problem.value !== '') return;
    busy.value = true;
    try {
      await props.run(reason.value.trim());
      closeDialog();
      refreshNow();
    } catch (error) {
      problem.value = describeError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog
      title={props.title}
      wide={props.wide}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={closeDialog}>{t('app.cancel')}</Button>
          <Button submit tone={props.danger ? 'danger' : 'primary'} disabled={busy.value}>
            {props.submit}
          </Button>
        </>
      }
    >
      <p class="breakable">{props.text}</p>
      {props.children}
      <TextField
        label={t('app.reason')}
        value={reason}
        hint={t('app.reasonHint')}
        autofocus={!props.children}
      />
      <p class="field-error" role="alert">
        {problem}
      </p>
    </Dialog>
  );
}
