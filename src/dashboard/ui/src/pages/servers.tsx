import { ConfirmDialog } from '../actions/confirm';
import { get, post, segment } from '../api/client';
import { useResource } from '../api/resource';
import type { Server, Servers } from '../api/types';
import { locale, rich, t } from '../i18n';
import { searchPath } from '../router';
import { writeTerm } from '../search/language';
import { mayAct } from '../state/session';
import { formatNumber } from '../text/number';
import { Bar, Button, Cards, Empty, Loaded, Page } from '../ui/basics';
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { announce } from '../ui/toast';
import { Age, Duration, Time } from '../ui/time';

function askStop(server: Server): void {
  openDialog(
    <ConfirmDialog
      danger
      title={t('action.stopServer')}
      text={rich('confirm.stopServer', { name: <strong dir="auto">{server.name}</strong> })}
      submit={t('action.stopServer')}
      run={async (reason) => {
        await post(`servers/${segment(server.id)}/stop`, { reason });
        announce(t('done.stopServer'));
      }}
    />,
  );
}

export function ServersPage() {
  const servers = useResource('servers', (signal) => get<Servers>('servers', {}, signal));
  return (
    <Page title={t('nav.servers')}>
      <Loaded resource={servers}>
        {(value) =>
          value.servers.length === 0 ? (
            <Empty icon="servers">{t('servers.empty')}</Empty>
          ) : (
            <Cards>
              {value.servers.map((server) => (
                <ServerCard key={server.id} server={server} />
              ))}
            </Cards>
          )
        }
      </Loaded>
    </Page>
  );
}

function Health({ server }: { server: Server }) {
  if (server.overdue)
    return (
      <span class="badge tone-bad">
        <Icon name="failures" />
        {t('servers.overdue')}
      </span>
    );
  if (server.stopping)
    return (
      <span class="badge tone-running">
        <Icon name="hourglass" />
        {t('servers.stopping')}
      </span>
    );
  return (
    <span class="badge tone-good">
      <Icon name="check" />
      {t('servers.alive')}
    </span>
  );
}

function ServerCard({ server }: { server: Server }) {
  const running = searchPath(`state:Processing ${writeTerm('server', server.id)}`);
  return (
    <li class="card" data-row={server.id}>
      <div class="card-head">
        <h2 class="clip">
          <a href={running} data-row-link dir="auto" title={server.id}>
            {server.name}
          </a>
        </h2>
        <Health server={server} />
      </div>
      <p class="card-line">
        {t('servers.workers')}
        <span class="spacer" />
        <span class="count">
          {formatNumber(server.running, locale.value)} /{' '}
          {formatNumber(server.workers, locale.value)}
        </span>
      </p>
      <Bar
        value={server.running}
        most={server.workers}
        label={t('overview.loadDetail', { running: server.running, workers: server.workers })}
      />
      <Facts server={server} />
      <Abilities server={server} />
      {mayAct.value && !server.stopping && (
        <div class="card-foot">
          <span class="spacer" />
          <Button small icon="stop" tone="danger" onClick={() => askStop(server)}>
            {t('action.stopServer')}
          </Button>
        </div>
      )}
    </li>
  );
}

function Facts({ server }: { server: Server }) {
  return (
    <dl class="facts">
      <div>
        <dt>{t('servers.heartbeat')}</dt>
        <dd>
          <Age since={server.heartbeat_at} />
        </dd>
      </div>
      <div>
        <dt>{t('servers.lease')}</dt>
        <dd>
          <Duration us={server.lease_us} />
        </dd>
      </div>
      <div>
        <dt>{t('job.started')}</dt>
        <dd>
          <Time at={server.started_at} />
        </dd>
      </div>
      <div>
        <dt>{t('servers.version')}</dt>
        <dd>{server.version}</dd>
      </div>
    </dl>
  );
}

function Abilities({ server }: { server: Server }) {
  return (
    <>
      <p class="chips">
        {server.queues.map((queue) => (
          <a key={queue} class="chip" href={searchPath(writeTerm('queue', queue))} dir="auto">
            {queue}
          </a>
        ))}
      </p>
      {server.job_names.length > 0 && (
        <details>
          <summary>
            {t('servers.jobNames')} ({formatNumber(server.job_names.length, locale.value)})
          </summary>
          <p class="chips">
            {server.job_names.map((name) => (
              <a key={name} class="chip" href={searchPath(writeTerm('name', name))} dir="auto">
                {name}
              </a>
            ))}
          </p>
        </details>
      )}
    </>
  );
}
