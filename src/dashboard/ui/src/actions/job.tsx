// What can be done with one job.

import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { post, segment } from '../api/client';
import type { ChangeResult, JobDetails, JobSummary, RunAgainResult } from '../api/types';
import { rich, stateLabel, t } from '../i18n';
import { checkJson, formatJsonText, isJsonArray } from '../text/json';
import { JobLink } from '../ui/basics';
import { openDialog } from '../ui/dialog';
import type { IconName } from '../ui/icon';
import { announce } from '../ui/toast';
import { ConfirmDialog } from './confirm';
import { ActionFields, readFields, useFields, type JobAction } from './fields';

export const jobActions: readonly { action: JobAction; icon: IconName }[] = [
  { action: 'requeue', icon: 'retries' },
  { action: 'reschedule', icon: 'clock' },
  { action: 'move', icon: 'move' },
  { action: 'delete', icon: 'trash' },
];

type Target = Pick<JobSummary, 'id' | 'state' | 'display_name' | 'name'>;

function announceChange(action: JobAction, { status, state }: ChangeResult): void {
  if (status === 'changed') announce(t(`done.${action}`));
  else announce(t('done.redirected', { state: stateLabel(state) }), 'bad');
}

function JobActionDialog({ job, action }: { job: Target; action: JobAction }) {
  const fields = useFields();
  const name = job.display_name || job.name;
  return (
    <ConfirmDialog
      title={t(`action.${action}`)}
      text={rich(`confirm.${action}`, { name: <strong dir="auto">{name}</strong> })}
      submit={t(`action.${action}`)}
      danger={action === 'delete'}
      check={() => {
        const read = readFields(action, fields);
        return typeof read === 'string' ? read : null;
      }}
      run={async (reason) => {
        const read = readFields(action, fields);
        const body = typeof read === 'string' ? {} : read;
        const path = `jobs/${segment(job.id)}/${action}`;
        announceChange(
          action,
          await post<ChangeResult>(path, { ...body, reason, from: job.state }),
        );
      }}
    >
      {(action === 'move' || action === 'reschedule') && (
        <ActionFields action={action} fields={fields} />
      )}
    </ConfirmDialog>
  );
}

export function askJobAction(job: Target, action: JobAction): void {
  openDialog(<JobActionDialog job={job} action={action} />);
}

function announceNew({ id }: RunAgainResult): void {
  announce(rich('done.runAgain', { id: <JobLink id={id} /> }));
}

export function askRunAgain(job: Target): void {
  openDialog(
    <ConfirmDialog
      title={t('action.runAgain')}
      text={rich('confirm.runAgain', {
        name: <strong dir="auto">{job.display_name || job.name}</strong>,
      })}
      submit={t('action.runAgain')}
      run={async (reason) =>
        announceNew(await post<RunAgainResult>(`jobs/${segment(job.id)}/run_again`, { reason }))
      }
    />,
  );
}

/** What is wrong with a text as arguments, or null. */
export function argumentsProblem(text: string): string | null {
  const error = checkJson(text);
  if (error) return t('field.badJson', { line: error.line, column: error.column });
  return isJsonArray(text) ? null : t('field.notArray');
}

function RunChangedDialog({ job }: { job: JobDetails }) {
  const text = useSignal(formatJsonText(job.arguments));
  const id = useId();
  const problem = argumentsProblem(text.value);
  return (
    <ConfirmDialog
      wide
      title={t('action.runChanged')}
      text={rich('confirm.runChanged', {
        name: <strong dir="auto">{job.display_name || job.name}</strong>,
      })}
      submit={t('action.runAgain')}
      check={() => problem}
      run={async (reason) => {
        const body = { reason, arguments: text.value };
        announceNew(await post<RunAgainResult>(`jobs/${segment(job.id)}/run_again`, body));
      }}
    >
      <div class="field">
        <label for={id}>{t('field.arguments')}</label>
        <textarea
          id={id}
          class="mono"
          rows={12}
          spellcheck={false}
          value={text}
          dir="ltr"
          data-autofocus
          aria-invalid={problem !== null}
          aria-describedby={`${id}-state`}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <p id={`${id}-state`} class={problem ? 'field-error' : 'hint'} aria-live="polite">
          {problem ?? 'JSON ✓'}
        </p>
      </div>
    </ConfirmDialog>
  );
}

export function askRunChanged(job: JobDetails): void {
  openDialog(<RunChangedDialog job={job} />);
}
