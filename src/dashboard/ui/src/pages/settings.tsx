import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { languages, locale, t } from '../i18n';
import { session } from '../state/session';
import { changeSettings, resetSettings, settings, type Theme } from '../state/settings';
import { formatDuration } from '../text/duration';
import { formatNumber } from '../text/number';
import { Button, Page, Panel, Segments } from '../ui/basics';

function Choice(props: {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="setting">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(({ value, label }) => (
          <option key={value} value={value} selected={value === props.value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

function Setting({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="setting">
      <span>{label}</span>
      {children}
    </div>
  );
}

export function SettingsPage() {
  return (
    <Page title={t('nav.settings')}>
      <Panel class="settings">
        <Appearance />
        <Behaviour />
        <p class="hint">{t('settings.stored')}</p>
        <Button onClick={resetSettings}>{t('settings.reset')}</Button>
      </Panel>
      <p class="faint">{t('settings.version', { version: session.value?.version ?? '' })}</p>
    </Page>
  );
}

function Appearance() {
  const { theme, language, zone, times } = settings.value;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [
    { value: 'local', label: t('settings.zone.local', { zone: own }) },
    { value: 'UTC', label: 'UTC' },
    ...Intl.supportedValuesOf('timeZone')
      .filter((value) => value !== 'UTC')
      .map((value) => ({ value, label: value })),
  ];
  const themes: { value: Theme; label: string }[] = [
    { value: 'system', label: t('settings.theme.system') },
    { value: 'light', label: t('settings.theme.light') },
    { value: 'dark', label: t('settings.theme.dark') },
  ];
  return (
    <>
      <Setting label={t('settings.theme')}>
        <Segments
          label={t('settings.theme')}
          value={theme}
          options={themes}
          onChange={(value) => changeSettings({ theme: value })}
        />
      </Setting>
      <Choice
        label={t('settings.language')}
        value={language}
        options={[
          { value: 'auto', label: t('settings.language.auto') },
          ...Object.entries(languages).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(value) => changeSettings({ language: value })}
      />
      <Choice
        label={t('settings.zone')}
        value={zone}
        options={zones}
        onChange={(value) => changeSettings({ zone: value })}
      />
      <Setting label={t('settings.times')}>
        <Segments
          label={t('settings.times')}
          value={times}
          options={[
            { value: 'relative' as const, label: t('settings.times.relative') },
            { value: 'absolute' as const, label: t('settings.times.absolute') },
          ]}
          onChange={(value) => changeSettings({ times: value })}
        />
      </Setting>
    </>
  );
}

function Behaviour() {
  const { pageSize, refresh, shortcuts } = settings.value;
  return (
    <>
      <Choice
        label={t('settings.pageSize')}
        value={`${pageSize}`}
        options={[20, 50, 100, 200, 500].map((size) => ({
          value: `${size}`,
          label: formatNumber(size, locale.value),
        }))}
        onChange={(value) => changeSettings({ pageSize: Number(value) })}
      />
      <Choice
        label={t('settings.refresh')}
        value={`${refresh}`}
        options={[3, 10, 30, 0].map((seconds) => ({
          value: `${seconds}`,
          label: seconds
            ? t('settings.refresh.every', {
                duration: formatDuration(seconds * 1e6, locale.value),
              })
            : t('settings.refresh.never'),
        }))}
        onChange={(value) => changeSettings({ refresh: Number(value) })}
      />
      <Choice
        label={t('settings.shortcuts')}
        value={shortcuts ? 'on' : 'off'}
        options={[
          { value: 'on', label: t('app.yes') },
          { value: 'off', label: t('app.no') },
        ]}
        onChange={(value) => changeSettings({ shortcuts: value === 'on' })}
      />
    </>
  );
}
