// Paths under <base>: '' is the overview, 'jobs/123' a job. The server answers index.html for each.

import { computed, signal } from '@preact/signals';

export type PageName =
  | 'overview'
  | 'jobs'
  | 'job'
  | 'queues'
  | 'failures'
  | 'retries'
  | 'recurring'
  | 'batches'
  | 'servers'
  | 'storage'
  | 'audit'
  | 'bulk'
  | 'settings'
  | 'unknown';
export interface Route {
  page: PageName;
  id: string;
  query: URLSearchParams;
}

const simple = new Set<string>([
  'jobs',
  'queues',
  'failures',
  'retries',
  'recurring',
  'batches',
  'servers',
  'storage',
  'audit',
  'bulk',
  'settings',
]);

/** `path` is relative to the base and still encoded. */
export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  const parts = path.replace(/^\/+|\/+$/g, '').split('/');
  const first = parts[0] ?? '';
  if (parts.length === 1) {
    if (first === '') return { page: 'overview', id: '', query };
    if (simple.has(first)) return { page: first as PageName, id: '', query };
  }
  if (parts.length === 2 && first === 'jobs') {
    const id = decode(parts[1] ?? '');
    if (id !== null) return { page: 'job', id, query };
  }
  return { page: 'unknown', id: '', query };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The path of a page, relative to the base. Empty values are left out. */
export function pathTo(page: string, query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return text === '' ? page : `${page}?${text}`;
}

export function jobPath(id: string): string {
  return `jobs/${encodeURIComponent(id)}`;
}

export function searchPath(query: string): string {
  return pathTo('jobs', { q: query });
}

const base = () => new URL(document.baseURI).pathname;
const here = signal(typeof location === 'undefined' ? '' : location.href);

export const route = computed<Route>(() => {
  const url = new URL(here.value, document.baseURI);
  const prefix = base();
  const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : '';
  return parseRoute(path, url.search);
});

/** An address below the base, for href. The empty path would mean the present page. */
export function hrefOf(path: string): string {
  return new URL(path === '' ? '.' : path, document.baseURI).href;
}

export function navigate(path: string, options: { replace?: boolean } = {}): void {
  const url = hrefOf(path);
  if (options.replace) history.replaceState(null, '', url);
  else if (url !== location.href) history.pushState(null, '', url);
  const from = here.value;
  here.value = url;
  const samePage = new URL(from).pathname === new URL(url).pathname;
  if (!samePage) scrollTo(0, 0);
}

/** Changes parameters of the present page; undefined removes one. */
export function changeQuery(change: Record<string, string | undefined>, replace = false): void {
  const url = new URL(here.value);
  for (const [name, value] of Object.entries(change)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  navigate(url.href, { replace });
}

export function startRouter(): void {
  addEventListener('popstate', () => (here.value = location.href));
  // Any plain click on a link of ours; a modified one opens tabs as everywhere.
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    const href = link?.getAttribute('href');
    if (!link || !href || link.getAttribute('target') || link.hasAttribute('download')) return;
    const address = link instanceof SVGElement ? new URL(href, document.baseURI).href : link.href;
    if (link.hasAttribute('data-external')) return;
    const root = new URL('.', document.baseURI).href;
    if (!address.startsWith(root) || href.startsWith('#')) return;
    event.preventDefault();
    navigate(address);
  });
}

/** Addresses come from the embedding program; anything but a plain link is dropped. */
export function safeUrl(url: string): string | undefined {
  const address = new URL(url, hrefOf(''));
  return address.protocol === 'http:' || address.protocol === 'https:' ? address.href : undefined;
}
