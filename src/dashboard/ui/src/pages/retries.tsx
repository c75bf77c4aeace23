import { t } from '../i18n';
import { JobList } from '../jobs/list';
import { useJobSearch } from '../jobs/use-search';
import { pathTo } from '../router';
import { Page } from '../ui/basics';

const filter = { state: 'Scheduled', attempts_at_least: '1' };

/** Jobs that have failed and will be tried again. */
export function RetriesPage() {
  const search = useJobSearch('retries', () => filter);
  return (
    <Page
      title={t('nav.retries')}
      aside={<a href={pathTo('jobs', { q: 'state:Scheduled attempts:>=1' })}>{t('jobs.search')}</a>}
    >
      <div class="panel list-panel">
        <JobList search={search} filter={filter} empty={t('retries.empty')} />
      </div>
    </Page>
  );
}
