import { useComputed } from '@preact/signals';
import { locale, t } from '../i18n';
import { clock } from '../state/clock';
import { settings, zoneName } from '../state/settings';
import { formatDuration } from '../text/duration';
import { formatAbsolute, formatExact, formatRelative, type TimeStyle } from '../text/time';

export function timeStyle(): TimeStyle {
  return { locale: locale.value, zone: zoneName() };
}

/** An instant as the settings want it; the other way in its title. */
export function Time({ at, absolute = false }: { at: string | null; absolute?: boolean }) {
  // Only the text changes with the clock, so a thousand of these cost little.
  const relative = useComputed(() =>
    at === null ? '' : formatRelative(at, clock.value, locale.value),
  );
  if (at === null) return <span class="faint">–</span>;
  const style = timeStyle();
  const asAbsolute = absolute || settings.value.times === 'absolute';
  if (asAbsolute) {
    return (
      <time dateTime={at} title={relative}>
        {formatAbsolute(at, style)}
      </time>
    );
  }
  return (
    <time dateTime={at} title={`${formatExact(at, style)}\n${at}`}>
      {relative}
    </time>
  );
}

export function Duration({ us }: { us: number | null }) {
  if (us === null) return <span class="faint">–</span>;
  return <span title={`${us} µs`}>{formatDuration(us, locale.value)}</span>;
}

/** How long ago something was, counting on: the age of the oldest job, of a heartbeat. */
export function Age({ since }: { since: string | null }) {
  const text = useComputed(() => {
    if (since === null) return '–';
    const seconds = Math.max(1, Math.floor((clock.value - Date.parse(since)) / 1000));
    return formatDuration(seconds * 1e6, locale.value);
  });
  if (since === null) return <span class="faint">–</span>;
  return (
    <time dateTime={since} title={formatExact(since, timeStyle())}>
      {text}
    </time>
  );
}

export function zoneLabel(): string {
  const zone = zoneName() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone || t('app.none');
}
