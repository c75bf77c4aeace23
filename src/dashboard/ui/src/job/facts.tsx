import type { ComponentChildren } from 'preact';
import type { JobDetails } from '../api/types';
import { locale, t } from '../i18n';
import { pathTo, searchPath } from '../router';
import { writeTerm } from '../search/language';
import { formatNumber } from '../text/number';
import { CopyButton, JobLink, Panel } from '../ui/basics';
import { Duration, Time } from '../ui/time';

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="breakable">{children}</dd>
    </div>
  );
}

const search = (key: string, value: string, label = value) => (
  <a href={searchPath(writeTerm(key, value))} dir="auto">
    {label}
  </a>
);

export function FactsPanel({ job }: { job: JobDetails }) {
  return (
    <Panel title={t('job.facts')}>
      <dl class="facts">
        <TimeFacts job={job} />
        <OtherFacts job={job} />
      </dl>
    </Panel>
  );
}

function TimeFacts({ job }: { job: JobDetails }) {
  return (
    <>
      <Fact name={t('job.id')}>
        <span class="mono">{job.id}</span> <CopyButton text={job.id} />
      </Fact>
      <Fact name={t('jobs.column.queue')}>{search('queue', job.queue)}</Fact>
      <Fact name={t('job.priority')}>{formatNumber(job.priority, locale.value)}</Fact>
      <Fact name={t('job.created')}>
        <Time at={job.created_at} />
      </Fact>
      {job.due_at && (
        <Fact name={t('job.due')}>
          <Time at={job.due_at} />
        </Fact>
      )}
      {job.started_at && (
        <Fact name={t('job.started')}>
          <Time at={job.started_at} />
        </Fact>
      )}
      {job.duration_us !== null && (
        <Fact name={t('job.duration')}>
          <Duration us={job.duration_us} />
        </Fact>
      )}
      {job.expires_at && (
        <Fact name={t('job.expires')}>
          <Time at={job.expires_at} />
        </Fact>
      )}
    </>
  );
}

function OtherFacts({ job }: { job: JobDetails }) {
  return (
    <>
      {job.server && (
        <Fact name={t('job.server')}>
          {search('server', job.server, job.server_name ?? job.server)}
        </Fact>
      )}
      {job.batch && (
        <Fact name={t('job.batch')}>
          <JobLink id={job.batch} />
        </Fact>
      )}
      {job.recurring && (
        <Fact name={t('job.recurring')}>
          <a href={pathTo('recurring')} dir="auto">
            {job.recurring}
          </a>
        </Fact>
      )}
      {job.tags.length > 0 && (
        <Fact name={t('job.tags')}>
          {job.tags.map((tag) => (
            <span key={tag} class="chip">
              {search('tag', tag)}
            </span>
          ))}
        </Fact>
      )}
      <Fact name={t('jobs.column.attempt')}>{formatNumber(job.attempt, locale.value)}</Fact>
      {job.crashes > 0 && (
        <Fact name={t('job.crashes')}>{formatNumber(job.crashes, locale.value)}</Fact>
      )}
      {job.unique_key && (
        <Fact name={t('job.uniqueKey')}>
          <span dir="auto">{job.unique_key}</span>
        </Fact>
      )}
      {job.limit_key && (
        <Fact name={t('job.limitKey')}>
          <span dir="auto">{job.limit_key}</span>
        </Fact>
      )}
      <Fact name={t('job.epoch')}>{formatNumber(job.epoch, locale.value)}</Fact>
    </>
  );
}
