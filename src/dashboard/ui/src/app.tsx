import { signal } from '@preact/signals';
import { ApiError, get } from './api/client';
import { refreshNow } from './api/live';
import type { Session } from './api/types';
import { t } from './i18n';
import { AuditPage } from './pages/audit';
import { BatchesPage } from './pages/batches';
import { BulkPage } from './pages/bulk';
import { FailuresPage } from './pages/failures';
import { JobPage } from './pages/job';
import { JobsPage } from './pages/jobs';
import { OverviewPage } from './pages/overview';
import { QueuesPage } from './pages/queues';
import { RecurringPage } from './pages/recurring';
import { RetriesPage } from './pages/retries';
import { ServersPage } from './pages/servers';
import { SettingsPage } from './pages/settings';
import { StoragePage } from './pages/storage';
import { navigate, route, type PageName } from './router';
import { Shell } from './shell';
import { session } from './state/session';
import { Empty, ErrorNote, Page } from './ui/basics';
import { DialogHost } from './ui/dialog';
import { goKeys, showKeyHelp } from './ui/key-help';
import { moveRow, useKeys, type KeyMap } from './ui/keys';
import { Toasts } from './ui/toast';

const pages: Record<PageName, () => preact.JSX.Element> = {
  overview: OverviewPage,
  jobs: JobsPage,
  job: () => <JobPage key={route.value.id} id={route.value.id} />,
  queues: QueuesPage,
  failures: FailuresPage,
  retries: RetriesPage,
  recurring: RecurringPage,
  batches: BatchesPage,
  servers: ServersPage,
  storage: StoragePage,
  audit: AuditPage,
  bulk: BulkPage,
  settings: SettingsPage,
  unknown: () => (
    <Page title="404">
      <Empty>{t('app.notFound')}</Empty>
    </Page>
  ),
};

const globalKeys: KeyMap = {
  '?': showKeyHelp,
  '.': refreshNow,
  j: () => moveRow(1),
  k: () => moveRow(-1),
  '/': () => {
    navigate('jobs');
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.search-input')?.focus());
  },
  ...Object.fromEntries(goKeys.map(([key, path]) => [`g ${key}`, () => navigate(path)])),
};

export const startError = signal<ApiError | null>(null);

export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Session>('session');
    startError.value = null;
  } catch (error) {
    startError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
  }
}

export function App() {
  useKeys(globalKeys, true);
  if (startError.value && !session.value) {
    return (
      <main class="start-error">
        <ErrorNote error={startError.value} retry={() => void loadSession()} />
      </main>
    );
  }
  const Current = pages[route.value.page];
  return (
    <>
      <Shell>
        <Current />
      </Shell>
      <DialogHost />
      <Toasts />
    </>
  );
}
