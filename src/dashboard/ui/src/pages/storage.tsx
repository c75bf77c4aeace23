import { get } from '../api/client';
import { useResource } from '../api/resource';
import type { StorageReport } from '../api/types';
import { locale, t } from '../i18n';
import { formatBytes, formatNumber } from '../text/number';
import { Bar, Loaded, Page, Panel } from '../ui/basics';
import { Icon } from '../ui/icon';
import { Duration, Time } from '../ui/time';

function Flag({ name, on }: { name: string; on: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={on ? 'tone-good flag' : 'tone-gone flag'}>
        <Icon name={on ? 'check' : 'minus'} />
        {t(on ? 'app.yes' : 'app.no')}
      </dd>
    </div>
  );
}

export function StoragePage() {
  const report = useResource('storage', (signal) => get<StorageReport>('storage', {}, signal));
  return (
    <Page title={t('nav.storage')}>
      <Loaded resource={report}>
        {(value) => (
          <div class="two-columns">
            <Panel
              title={
                <span dir="auto" class="breakable">
                  {value.description}
                </span>
              }
            >
              <dl class="facts">
                <div>
                  <dt>{t('storage.engine')}</dt>
                  <dd>{value.engine}</dd>
                </div>
                <div>
                  <dt>{t('storage.layout')}</dt>
                  <dd>{formatNumber(value.layout_version, locale.value)}</dd>
                </div>
                <div>
                  <dt>{t('storage.time')}</dt>
                  <dd>
                    <Time at={value.now} absolute />
                  </dd>
                </div>
                <div>
                  <dt>{t('storage.clock')}</dt>
                  <dd class={Math.abs(value.clock_difference_us) > 30e6 ? 'warning-text' : ''}>
                    <Duration us={value.clock_difference_us} />
                  </dd>
                </div>
                <div>
                  <dt>{t('storage.roundTrip')}</dt>
                  <dd>
                    <Duration us={value.round_trip_us} />
                  </dd>
                </div>
                <Flag name={t('storage.durable')} on={value.durable} />
                <Flag name={t('storage.powerLoss')} on={value.survives_power_loss} />
                <Flag name={t('storage.shared')} on={value.shared} />
                <Flag name={t('storage.push')} on={value.push_wakeup} />
              </dl>
            </Panel>
            <Panel
              title={t('storage.size')}
              aside={<strong class="count">{formatBytes(value.bytes, locale.value)}</strong>}
            >
              <Parts report={value} />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Parts({ report }: { report: StorageReport }) {
  const most = Math.max(1, ...report.parts.map((part) => part.bytes));
  return (
    <table class="table plain">
      <thead>
        <tr>
          <th scope="col">{t('storage.part')}</th>
          <th scope="col" class="number">
            {t('storage.rows')}
          </th>
          <th scope="col" class="number">
            {t('storage.size')}
          </th>
        </tr>
      </thead>
      <tbody>
        {report.parts.map((part) => (
          <tr key={part.name}>
            <th scope="row">
              <span class="mono breakable">{part.name}</span>
              <Bar value={part.bytes} most={most} tone="ready" label={t('storage.size')} />
            </th>
            <td class="number">
              {part.rows === null ? '–' : formatNumber(part.rows, locale.value)}
            </td>
            <td class="number">{formatBytes(part.bytes, locale.value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
