import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { get } from '../api/client';
import { overview } from '../api/live';
import { useResource } from '../api/resource';
import type { History, Overview } from '../api/types';
import { bucketsOf } from '../charts/history';
import { Chart, type Series } from '../charts/chart';
import { locale, stateLabel, t } from '../i18n';
import { safeUrl, searchPath } from '../router';
import { clock } from '../state/clock';
import { rates, rateStates } from '../state/rates';
import { formatNumber, formatShort } from '../text/number';
import { formatHour } from '../text/time';
import { Bar, Empty, Loaded, Page, Panel, Segments } from '../ui/basics';
import { StateIcon, toneOf } from '../ui/state';
import { Age, timeStyle } from '../ui/time';
import { groupStates } from './jobs';

const colours = ['--good', '--bad', '--gone'];
const seriesOf = (): Series[] =>
  rateStates.map((state, index) => ({ label: stateLabel(state), colour: colours[index] ?? '' }));

export function OverviewPage() {
  const now = overview.value;
  return (
    <Page title={t('nav.overview')}>
      {now === null ? (
        <p class="loading">{t('app.loading')}</p>
      ) : (
        <>
          <Tiles now={now} />
          <div class="overview-charts">
            <LivePanel />
            <HistoryPanel />
          </div>
          <div class="overview-lower">
            <QueuePanel now={now} />
            <div class="stack">
              <LoadPanel now={now} />
              {now.metrics.length > 0 && <MetricsPanel now={now} />}
            </div>
          </div>
        </>
      )}
    </Page>
  );
}

function Tiles({ now }: { now: Overview }) {
  const { jobs } = groupStates(now.counts);
  return (
    <ul class="tiles">
      {jobs.map(({ state, kind, count }) => (
        <li key={state}>
          <a class={`tile tone-${toneOf(state, kind)}`} href={searchPath(`state:${state}`)}>
            <span class="tile-label">
              <StateIcon state={state} kind={kind} />
              <span class="clip" dir="auto">
                {stateLabel(state)}
              </span>
            </span>
            <span class="tile-value" title={formatNumber(count, locale.value)}>
              {formatShort(count, locale.value)}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Legend({ values }: { values: readonly (number | undefined)[] }) {
  return (
    <ul class="legend">
      {seriesOf().map(({ label, colour }, index) => (
        <li key={label}>
          <span class={`swatch swatch-${colour.slice(2)}`} />
          {label}
          <strong class="count">{formatShort(values[index] ?? 0, locale.value)}</strong>
        </li>
      ))}
    </ul>
  );
}

function LivePanel() {
  const point = useSignal<number | null>(null);
  const samples = rates.value;
  const now = samples.at(-1)?.at ?? clock.peek();
  const data = useMemo(
    () => [
      samples.map((each) => (each.at - now) / 1000),
      ...rateStates.map((_, index) => samples.map((each) => each.perSecond[index] ?? 0)),
    ],
    [samples],
  );
  const shown = samples[point.value ?? samples.length - 1] ?? samples.at(-1);
  return (
    <Panel
      title={
        <>
          {t('overview.lastMinute')} <small>{t('overview.perSecond')}</small>
        </>
      }
      aside={
        <Legend values={(shown?.perSecond ?? []).map((value) => Math.round(value * 10) / 10)} />
      }
    >
      <Chart
        kind="lines"
        label={t('overview.lastMinute')}
        series={seriesOf()}
        data={data}
        range={[-60, 0]}
        height={220}
        formatX={(x) => `${formatNumber(x, locale.value)} s`}
        formatY={(y) => formatShort(y, locale.value)}
        onPoint={(index) => (point.value = index)}
      />
      {samples.length < 2 && <p class="chart-note">{t('overview.waitingForData')}</p>}
    </Panel>
  );
}

const spans = [24, 168, 720] as const;
type Span = (typeof spans)[number];

function HistoryPanel() {
  const hours = useSignal<Span>(24);
  const history = useResource(
    `history ${hours.value}`,
    (signal) => get<History>('history', { hours: hours.value }, signal),
    false,
  );
  const labels = { 24: t('overview.hours24'), 168: t('overview.days7'), 720: t('overview.days30') };
  return (
    <Panel
      title={t('overview.history')}
      aside={
        <Segments
          label={t('overview.history')}
          value={hours.value}
          options={spans.map((value) => ({ value, label: labels[value] }))}
          onChange={(value) => (hours.value = value)}
        />
      }
    >
      <Loaded resource={history}>
        {(value) => <HistoryChart history={value} hours={hours.value} />}
      </Loaded>
    </Panel>
  );
}

function HistoryChart({ history, hours }: { history: History; hours: number }) {
  const point = useSignal<number | null>(null);
  const { starts, counts, totals } = useMemo(
    () => bucketsOf(history, hours, rateStates),
    [history, hours],
  );
  const data = useMemo(() => [starts.map((_, index) => index), ...counts], [starts, counts]);
  const name = (index: number) => {
    const start = starts[Math.round(index)];
    return start === undefined ? '' : formatHour(start, timeStyle(), hours > 24);
  };
  const at = point.value;
  return (
    <>
      <div class="chart-head">
        <span class="faint">{at === null ? '\u00a0' : name(at)}</span>
        <Legend values={at === null ? totals : counts.map((each) => each[at])} />
      </div>
      <Chart
        kind="stack"
        label={rateStates
          .map((state, row) =>
            t('overview.historySum', { state: stateLabel(state), count: totals[row] ?? 0 }),
          )
          .join(', ')}
        series={seriesOf()}
        data={data}
        range={[-0.7, starts.length - 0.3]}
        height={188}
        formatX={name}
        formatY={(y) => formatShort(y, locale.value)}
        onPoint={(index) => (point.value = index)}
      />
    </>
  );
}

function QueuePanel({ now }: { now: Overview }) {
  const most = Math.max(1, ...now.queues.map((each) => each.ready));
  return (
    <Panel title={t('overview.queues')} aside={<a href="queues">{t('app.showAll')}</a>}>
      {now.queues.length === 0 ? (
        <Empty icon="queues">{t('overview.noQueues')}</Empty>
      ) : (
        <table class="table plain">
          <thead>
            <tr>
              <th scope="col">{t('jobs.column.queue')}</th>
              <th scope="col" class="number">
                {t('queues.ready')}
              </th>
              <th scope="col" class="number">
                {t('queues.running')}
              </th>
              <th scope="col" class="number">
                {t('queues.oldest')}
              </th>
            </tr>
          </thead>
          <tbody>
            {now.queues.slice(0, 12).map((queue) => (
              <tr key={queue.name}>
                <th scope="row">
                  <a href={searchPath(`queue:${queue.name} state:Enqueued`)} dir="auto">
                    {queue.name}
                  </a>
                  {queue.paused && <span class="chip chip-after tone-running">{t('queues.paused')}</span>}
                  <Bar value={queue.ready} most={most} tone="ready" label={t('queues.ready')} />
                </th>
                <td class="number">{formatNumber(queue.ready, locale.value)}</td>
                <td class="number">{formatNumber(queue.running, locale.value)}</td>
                <td class="number">
                  <Age since={queue.oldest_ready} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function LoadPanel({ now }: { now: Overview }) {
  const { running, workers, servers, lifetime } = now;
  const sums = ['Created', ...rateStates];
  return (
    <Panel
      title={t('overview.load')}
      aside={<a href="servers">{t('overview.servers', { count: servers })}</a>}
    >
      <p class="load-line">{t('overview.loadDetail', { running, workers })}</p>
      <Bar value={running} most={workers} label={t('overview.load')} />
      <h3>{t('overview.lifetime')}</h3>
      <dl class="facts">
        {sums.map((state) => (
          <div key={state}>
            <dt>{state === 'Created' ? t('overview.created') : stateLabel(state)}</dt>
            <dd class="count">{formatNumber(lifetime[state] ?? 0, locale.value)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function MetricsPanel({ now }: { now: Overview }) {
  return (
    <Panel title={t('overview.metrics')}>
      <dl class="facts">
        {now.metrics.map((metric) => (
          <div key={metric.name}>
            <dt dir="auto">{metric.title}</dt>
            <dd class="count" dir="auto">
              {metric.url ? (
                <a href={safeUrl(metric.url)} data-external>
                  {metric.value}
                </a>
              ) : (
                metric.value
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
