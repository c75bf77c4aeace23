import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { Dialog, openDialog } from './dialog';

/** Second keys after "g". */
export const goKeys = [
  ['o', '', 'nav.overview'],
  ['j', 'jobs', 'nav.jobs'],
  ['q', 'queues', 'nav.queues'],
  ['f', 'failures', 'nav.failures'],
  ['t', 'retries', 'nav.retries'],
  ['r', 'recurring', 'nav.recurring'],
  ['b', 'batches', 'nav.batches'],
  ['s', 'servers', 'nav.servers'],
  ['d', 'storage', 'nav.storage'],
  ['u', 'bulk', 'nav.bulk'],
  ['a', 'audit', 'nav.audit'],
  ['e', 'settings', 'nav.settings'],
] as const;

function Line({ keys, children }: { keys: string[]; children: ComponentChildren }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function KeyHelp() {
  return (
    <Dialog title={t('nav.shortcuts')} wide>
      <div class="key-help">
        <section>
          <h3>{t('keys.go')}</h3>
          <dl>
            {goKeys.map(([key, , label]) => (
              <Line key={key} keys={['g', key]}>
                {t(label)}
              </Line>
            ))}
          </dl>
        </section>
        <section>
          <h3>{t('keys.onRows')}</h3>
          <dl>
            <Line keys={['j']}>{t('keys.next')}</Line>
            <Line keys={['k']}>{t('keys.previous')}</Line>
            <Line keys={['x']}>{t('keys.select')}</Line>
            <Line keys={['Enter']}>{t('keys.open')}</Line>
            <Line keys={['r']}>{t('action.requeue')}</Line>
            <Line keys={['d']}>{t('action.delete')}</Line>
            <Line keys={['s']}>{t('action.reschedule')}</Line>
            <Line keys={['m']}>{t('action.move')}</Line>
          </dl>
          <h3>{t('keys.general')}</h3>
          <dl>
            <Line keys={['/']}>{t('keys.search')}</Line>
            <Line keys={['.']}>{t('keys.refresh')}</Line>
            <Line keys={['?']}>{t('keys.help')}</Line>
            <Line keys={['Esc']}>{t('keys.close')}</Line>
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

export function showKeyHelp(): void {
  openDialog(<KeyHelp />);
}
