// What surrounds every page.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { connection, overview } from './api/live';
import { locale, t, type Key } from './i18n';
import logo from './logo.svg';
import { hrefOf, pathTo, route, safeUrl, type PageName } from './router';
import { runningBulks } from './state/bulks';
import { mayAct, session } from './state/session';
import { formatShort } from './text/number';
import { Icon, type IconName } from './ui/icon';
import { showKeyHelp } from './ui/key-help';

interface Item {
  page: PageName;
  path: string;
  icon: IconName;
  label: Key;
  count?: () => { text: string; tone?: string } | null;
}

const stateCount = (state: string) =>
  overview.value?.counts.find((each) => each.state === state)?.count ?? 0;
const figure = (count: number, tone?: string) =>
  count === 0
    ? null
    : { text: count < 0 ? t('overview.many') : formatShort(count, locale.value), tone };

export const items: readonly Item[] = [
  { page: 'overview', path: '', icon: 'overview', label: 'nav.overview' },
  {
    page: 'jobs',
    path: 'jobs',
    icon: 'jobs',
    label: 'nav.jobs',
    count: () => figure(stateCount('Enqueued') + stateCount('Processing')),
  },
  {
    page: 'queues',
    path: 'queues',
    icon: 'queues',
    label: 'nav.queues',
    count: () => figure(overview.value?.queues.length ?? 0),
  },
  {
    page: 'failures',
    path: 'failures',
    icon: 'failures',
    label: 'nav.failures',
    count: () => figure(stateCount('Failed'), 'bad'),
  },
  {
    page: 'retries',
    path: 'retries',
    icon: 'retries',
    label: 'nav.retries',
    count: () => figure(overview.value?.retries ?? 0, 'running'),
  },
  {
    page: 'recurring',
    path: 'recurring',
    icon: 'recurring',
    label: 'nav.recurring',
    count: () => figure(overview.value?.recurring ?? 0),
  },
  {
    page: 'batches',
    path: 'batches',
    icon: 'batches',
    label: 'nav.batches',
    count: () => figure(stateCount('BatchStarted')),
  },
  {
    page: 'servers',
    path: 'servers',
    icon: 'servers',
    label: 'nav.servers',
    count: () => figure(overview.value?.servers ?? 0),
  },
  { page: 'storage', path: 'storage', icon: 'storage', label: 'nav.storage' },
  {
    page: 'bulk',
    path: 'bulk',
    icon: 'bulk',
    label: 'nav.bulk',
    count: () => figure(runningBulks.value.length, 'running'),
  },
  { page: 'audit', path: 'audit', icon: 'audit', label: 'nav.audit' },
  { page: 'settings', path: 'settings', icon: 'settings', label: 'nav.settings' },
];

function NavItem({ item }: { item: Item }) {
  const { page } = route.value;
  const current = page === item.page || (page === 'job' && item.page === 'jobs');
  const count = item.count?.() ?? null;
  return (
    <li>
      <a href={hrefOf(item.path)} aria-current={current ? 'page' : undefined}>
        <Icon name={item.icon} />
        <span class="nav-label">{t(item.label)}</span>
        {count && (
          <span class={`count nav-count ${count.tone ? `tone-${count.tone}` : ''}`}>
            {count.text}
          </span>
        )}
      </a>
    </li>
  );
}

function Navigation({ open }: { open: boolean }) {
  const pages = session.value?.pages ?? [];
  const appUrl = session.value?.app_url;
  return (
    <nav id="navigation" class={open ? 'sidebar open' : 'sidebar'} aria-label={t('app.navigation')}>
      <ul>
        {items.map((item) => (
          <NavItem key={item.page} item={item} />
        ))}
        {pages.map(({ title, url }) => (
          <li key={url}>
            <a href={safeUrl(url)} data-external title={t('app.external')}>
              <Icon name="external" />
              <span class="nav-label" dir="auto">
                {title}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <ul class="nav-foot">
        <li>
          <button type="button" onClick={showKeyHelp}>
            <Icon name="keyboard" />
            <span class="nav-label">{t('nav.shortcuts')}</span>
            <kbd>?</kbd>
          </button>
        </li>
        {appUrl && (
          <li>
            <a href={safeUrl(appUrl)} data-external>
              <Icon name="back" />
              <span class="nav-label">{t('app.back')}</span>
            </a>
          </li>
        )}
        <li class="nav-facts faint">
          {session.value?.user && (
            <span dir="auto">{t('app.signedInAs', { user: session.value.user })}</span>
          )}
          {session.value && (
            <span>{t('settings.version', { version: session.value.version })}</span>
          )}
          <span class="clip" title={session.value?.storage} dir="auto">
            {session.value?.storage}
          </span>
        </li>
      </ul>
    </nav>
  );
}

function Status() {
  return (
    <>
      {session.value && !mayAct.value && <span class="chip read-only">{t('app.readOnly')}</span>}
      {runningBulks.value.length > 0 && (
        <a class="chip tone-running" href={pathTo('bulk')}>
          {t('bulk.running', { count: runningBulks.value.length })}
        </a>
      )}
      <span class={`live-dot ${connection.value}`} aria-hidden="true" />
    </>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  const open = useSignal(false);
  const main = useRef<HTMLElement>(null);
  const key = `${route.value.page} ${route.value.id}`;
  const first = useRef(true);
  useEffect(() => {
    open.value = false;
    // Whoever cannot see the page change is told by the focus on its heading.
    if (!first.current) main.current?.querySelector('h1')?.focus({ preventScroll: true });
    first.current = false;
  }, [key]);
  return (
    <div class="shell">
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('app.skip')}
      </a>
      <header class="topbar">
        <button
          type="button"
          class="icon-button menu-button"
          aria-label={t('app.menu')}
          aria-expanded={open.value}
          aria-controls="navigation"
          onClick={() => (open.value = !open.value)}
        >
          <Icon name={open.value ? 'close' : 'menu'} />
        </button>
        <a class="brand" href={hrefOf('')}>
          <img src={logo} alt="" width="26" height="26" />
          <span class="clip" dir="auto">
            {session.value?.title || 'Portfire'}
          </span>
        </a>
        <span class="spacer" />
        <Status />
      </header>
      <Navigation open={open.value} />
      <main id="main" ref={main} tabIndex={-1}>
        <div aria-live="assertive">
          {connection.value === 'lost' && (
            <div class="note tone-bad banner" data-test="lost">
              <Icon name="failures" />
              {t('app.lost')}
            </div>
          )}
        </div>
        {children}
      </main>
    </div>
  );
}
