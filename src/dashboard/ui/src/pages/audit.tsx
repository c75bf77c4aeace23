import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import { useResource } from '../api/resource';
import type { Audit, AuditEntry } from '../api/types';
import { t } from '../i18n';
import { changeQuery, jobPath, route } from '../router';
import { settings } from '../state/settings';
import { shortenId } from '../text/number';
import { Button, Empty, Loaded, Page } from '../ui/basics';
import { announceError } from '../ui/toast';
import { Time } from '../ui/time';

const filters = ['actor', 'action', 'target'] as const;
const labels = { actor: 'audit.who', action: 'audit.what', target: 'audit.target' } as const;

export function AuditPage() {
  const query = Object.fromEntries(
    filters.map((name) => [name, route.value.query.get(name) ?? '']),
  );
  const key = JSON.stringify(query);
  const limit = settings.value.pageSize;
  const newest = useResource(`audit ${key}`, (signal) =>
    get<Audit>('audit', { ...query, limit }, signal),
  );
  const older = useSignal<{ entries: AuditEntry[]; next: number | null } | null>(null);
  useEffect(() => {
    older.value = null;
  }, [key]);
  const more = async (before: number | null) => {
    try {
      const page = await get<Audit>('audit', { ...query, limit, before });
      older.value = {
        entries: [...(older.value?.entries ?? []), ...page.entries],
        next: page.next,
      };
    } catch (error) {
      announceError(error);
    }
  };
  return (
    <Page title={t('nav.audit')}>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        {filters.map((name) => (
          <label key={name}>
            {t(labels[name])}
            <input
              value={query[name]}
              onChange={(event) => changeQuery({ [name]: event.currentTarget.value.trim() }, true)}
            />
          </label>
        ))}
      </form>
      <Loaded resource={newest}>
        {(value) => {
          const entries = merge(value.entries, older.value?.entries ?? []);
          const next = older.value ? older.value.next : value.next;
          if (entries.length === 0) return <Empty icon="audit">{t('audit.empty')}</Empty>;
          return (
            <div class="panel list-panel">
              <AuditTable entries={entries} />
              <div class="list-foot">
                <span class="spacer" />
                {next !== null && (
                  <Button icon="down" onClick={() => void more(next)}>
                    {t('app.loadMore')}
                  </Button>
                )}
              </div>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

// The newest page moves on while older ones stay.
function merge(newest: AuditEntry[], older: AuditEntry[]): AuditEntry[] {
  const last = newest.at(-1)?.number ?? Infinity;
  return [...newest, ...older.filter((entry) => entry.number < last)];
}

function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <table class="table audit-table">
      <thead>
        <tr>
          <th scope="col">{t('audit.when')}</th>
          <th scope="col">{t('audit.who')}</th>
          <th scope="col">{t('audit.what')}</th>
          <th scope="col">{t('audit.target')}</th>
          <th scope="col">{t('app.reason')}</th>
          <th scope="col">{t('audit.outcome')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.number}>
            <td class="nowrap">
              <Time at={entry.at} />
            </td>
            <td class="breakable" dir="auto">
              {entry.actor || '–'}
            </td>
            <td class="mono">{entry.action}</td>
            <td class="mono breakable" dir="auto">
              {entry.action.startsWith('jobs.') ? (
                <a href={jobPath(entry.target)} title={entry.target}>
                  {shortenId(entry.target)}
                </a>
              ) : (
                entry.target
              )}
            </td>
            <td class="breakable" dir="auto">
              {entry.reason}
            </td>
            <td
              class={entry.outcome.startsWith('refused') ? 'warning-text breakable' : 'breakable'}
              dir="auto"
            >
              {entry.outcome}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
