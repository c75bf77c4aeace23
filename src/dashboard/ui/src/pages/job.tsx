import { askJobAction, askRunAgain, askRunChanged, jobActions } from '../actions/job';
import { get, segment } from '../api/client';
import { useResource } from '../api/resource';
import type { Graph, JobDetails } from '../api/types';
import { GraphView } from '../graph/view';
import { locale, rich, t } from '../i18n';
import { FactsPanel } from '../job/facts';
import { HistoryPanel } from '../job/history';
import { LogPanel } from '../job/log';
import { ExceptionView, parseFailure, StateData } from '../job/exception';
import { jobPath, searchPath } from '../router';
import { mayAct } from '../state/session';
import { formatPercent } from '../text/number';
import { Bar, Button, Empty, ErrorNote, JobLink, Page, Panel } from '../ui/basics';
import { Icon } from '../ui/icon';
import { JsonView } from '../ui/json';
import { useKeys } from '../ui/keys';
import { StateBadge } from '../ui/state';
import { Duration, Time } from '../ui/time';

export function JobPage({ id }: { id: string }) {
  const resource = useResource(`job ${id}`, (signal) =>
    get<JobDetails>(`jobs/${segment(id)}`, {}, signal),
  );
  const job = resource.data.value;
  const error = resource.error.value;
  const act = (action: 'requeue' | 'delete' | 'reschedule' | 'move') =>
    job && mayAct.value && askJobAction(job, action);
  useKeys({
    r: () => act('requeue'),
    d: () => act('delete'),
    s: () => act('reschedule'),
    m: () => act('move'),
  });
  if (error?.status === 404) {
    return (
      <Page title={t('jobs.title')}>
        <Empty icon="jobs">{t('job.missing')}</Empty>
      </Page>
    );
  }
  if (!job) {
    return (
      <Page title={t('jobs.title')}>
        {error ? (
          <ErrorNote error={error} retry={resource.reload} />
        ) : (
          <p class="loading">{t('app.loading')}</p>
        )}
      </Page>
    );
  }
  return <Details job={job} error={error && <ErrorNote error={error} retry={resource.reload} />} />;
}

function Details({ job, error }: { job: JobDetails; error: preact.ComponentChildren }) {
  const name = job.display_name || job.name;
  const running = job.kind === 'running';
  const related =
    job.parents.length + job.children.length > 0 ||
    job.members !== null ||
    job.is_workflow ||
    job.batch !== null;
  const parameters = Object.entries(job.parameters);
  return (
    <Page
      title={name}
      heading={
        <span dir="auto" class="breakable">
          {name}
        </span>
      }
      aside={<StateBadge state={job.state} kind={job.kind} />}
    >
      {error}
      {mayAct.value && <Actions job={job} />}
      <Explanation job={job} />
      <LastError job={job} />
      <Progress job={job} />
      <div class="job-layout">
        <div class="stack">
          <Panel title={t('job.call')}>
            <pre class="code call" tabIndex={0} dir="ltr">
              {job.call}
            </pre>
          </Panel>
          <Panel title={t('job.arguments')}>
            <JsonView text={job.arguments} cut={job.arguments_cut} />
          </Panel>
          {job.result !== null && (
            <Panel title={t('job.result')}>
              <JsonView text={job.result} />
            </Panel>
          )}
          {job.sections.map((section) => (
            <Panel key={section.title} title={section.title}>
              <pre class="code" tabIndex={0} dir="auto">
                {section.text}
              </pre>
            </Panel>
          ))}
          {related && <Related job={job} />}
          <LogPanel key={job.id} id={job.id} running={running} />
        </div>
        <div class="stack">
          <FactsPanel job={job} />
          <HistoryPanel history={job.history} />
          {job.data !== null && job.data !== '{}' && (
            <Panel title={t('job.data')}>
              <StateData data={job.data} />
            </Panel>
          )}
          {parameters.length > 0 && (
            <Panel title={t('job.parameters')}>
              {parameters.map(([key, value]) => (
                <div key={key} class="parameter">
                  <p class="mono breakable" dir="auto">
                    {key}
                  </p>
                  <JsonView text={value} />
                </div>
              ))}
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}

function Actions({ job }: { job: JobDetails }) {
  const isBatch = job.members !== null;
  return (
    <div class="actions" role="toolbar" aria-label={t('app.actions')}>
      {jobActions.map(({ action, icon }) => (
        <Button
          key={action}
          icon={icon}
          tone={action === 'delete' ? 'danger' : undefined}
          disabled={isBatch && action !== 'delete'}
          onClick={() => askJobAction(job, action)}
        >
          {t(`action.${action}`)}
        </Button>
      ))}
      {!isBatch && (
        <>
          <Button icon="play" onClick={() => askRunAgain(job)}>
            {t('action.runAgain')}
          </Button>
          <Button icon="edit" disabled={job.arguments_cut} onClick={() => askRunChanged(job)}>
            {t('action.runChanged')}
          </Button>
        </>
      )}
    </div>
  );
}

function Explanation({ job }: { job: JobDetails }) {
  const waits = job.kind !== 'running' && job.kind !== 'final';
  if (job.explanation.length === 0) return null;
  return (
    <section class={`explanation ${waits ? 'waits' : ''}`} aria-labelledby="explanation">
      <Icon name="info" />
      <div>
        <h2 id="explanation">{waits ? t('job.why') : t('job.how')}</h2>
        {job.explanation.map((sentence, index) => (
          <p key={index} class="breakable" dir="auto">
            {sentence}
          </p>
        ))}
        {job.kind === 'timed' && job.due_at && (
          <p>{rich('jobs.due', { time: <Time at={job.due_at} absolute /> })}</p>
        )}
      </div>
    </section>
  );
}

// Whoever opens a job that failed wants to see why before anything else.
function LastError({ job }: { job: JobDetails }) {
  const concerns = job.kind === 'parked' || (job.kind === 'timed' && job.attempt > 0);
  const failures = job.history
    .map((entry) => parseFailure(entry.data))
    .filter((each) => each !== null);
  const last = failures.at(-1);
  if (!concerns || !last) return null;
  return (
    <Panel title={t('job.error')} class="last-error">
      <ExceptionView failure={last} />
    </Panel>
  );
}

function Progress({ job }: { job: JobDetails }) {
  const { members, progress } = job;
  if (members === null && progress === null) return null;
  const value = members ? members.total - members.outstanding : (progress ?? 0);
  const most = members ? members.total : 1;
  return (
    <section class="progress-line">
      <Bar
        value={value}
        most={most}
        label={t('job.progress')}
        tone={job.kind === 'final' ? 'good' : 'running'}
      />
      <p>
        <strong>{formatPercent(most > 0 ? value / most : 1, locale.value)}</strong>
        {members && ` · ${t('job.membersDone', { ...members })}`}
        {job.time_left_us !== null && (
          <> · {rich('job.timeLeft', { duration: <Duration us={job.time_left_us} /> })}</>
        )}
        {members && (
          <>
            {' '}
            · <a href={searchPath(`batch:${job.id}`)}>{t('job.members')}</a>
          </>
        )}
      </p>
    </section>
  );
}

function Related({ job }: { job: JobDetails }) {
  const graph = useResource(`graph ${job.id}`, (signal) =>
    get<Graph>(`jobs/${segment(job.id)}/graph`, {}, signal),
  );
  const value = graph.data.value;
  return (
    <Panel title={job.is_workflow ? t('job.workflow') : t('job.graph')}>
      {graph.error.value && <ErrorNote error={graph.error.value} retry={graph.reload} />}
      {value && value.nodes.length > 1 && <GraphView graph={value} present={job.id} />}
      <Relatives title={t('job.parents')} list={job.parents} />
      <Relatives title={t('job.children')} list={job.children} />
    </Panel>
  );
}

type Relative = JobDetails['children'][number] & { on?: JobDetails['parents'][number]['on'] };

function Relatives({ title, list }: { title: string; list: readonly Relative[] }) {
  if (list.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="relatives">
        {list.slice(0, 50).map(({ id, name, state, on }) => (
          <li key={id}>
            {name ? (
              <a href={jobPath(id)} dir="auto" title={id}>
                {name}
              </a>
            ) : (
              <JobLink id={id} />
            )}
            {on && <span class="faint">{t(`job.on.${on}`)}</span>}
            {state && <StateBadge state={state} />}
          </li>
        ))}
      </ul>
    </>
  );
}
