// The state of the made-up application, and what happens in it while one looks.

import { makeJob, makeJobs, instant } from './jobs.mjs';
import { hostile, jobKinds, kindOfState } from './kinds.mjs';
import { createRandom } from './random.mjs';

// Most finished jobs are counted only: nobody pages through a million.
const uncounted = { Succeeded: 1_284_331, Deleted: 1_950 };

function makeRecurring(now) {
  const base = (id, job, schedule, zone, description, next) => ({
    id,
    job,
    schedule,
    zone,
    description,
    arguments: '[{"region":"EMEA","budget":12345678901234567890}]',
    misfire: 'relaxed',
    overlap: 'skip',
    queue: 'default',
    next: instant(now + next),
    upcoming: [1, 2, 3, 4, 5].map((n) => instant(now + next * n)),
    last: instant(now - next),
    last_job: null,
    last_state: 'Succeeded',
    runs: 4212,
    skipped: 3,
    paused: false,
    paused_by: '',
    pause_reason: '',
    paused_until: null,
    error: '',
    created_at: instant(now - 90 * 86_400_000),
  });
  return [
    base(
      'digest',
      'mail.send',
      '0 7 * * MON-FRI',
      'Europe/Berlin',
      'At 07:00 from Monday to Friday',
      9 * 3_600_000,
    ),
    base('clean-up', 'storage.clean_up', 'every 90s', 'UTC', 'Every 90 seconds', 60_000),
    {
      ...base(
        'month-end',
        'report.monthly',
        '0 3 L * *',
        'America/New_York',
        'At 03:00 on the last day of the month',
        4 * 86_400_000,
      ),
      last_state: 'Failed',
      overlap: 'queue_one',
    },
    {
      ...base('sync-crm', 'crm.sync', '*/15 * * * *', 'UTC', 'Every 15 minutes', 600_000),
      paused: true,
      paused_by: 'ann@example.com',
      pause_reason: 'CRM maintenance',
      paused_until: instant(now + 7_200_000),
    },
    {
      ...base('broken', 'report.yearly', '0 0 30 2 *', 'UTC', 'At 00:00 on 30 February', 1),
      next: null,
      upcoming: [],
      last: null,
      last_state: null,
      runs: 0,
      error: 'This schedule has no occurrence.',
    },
    base(hostile[0], 'hostile.job', '0 * * * *', 'UTC', 'Every hour', 1_800_000),
  ];
}

function makeServers(now) {
  const base = (id, name, workers, queues) => ({
    id,
    name,
    workers,
    queues,
    version: '0.6.0',
    running: 0,
    job_names: jobKinds.map((kind) => kind.name),
    lease_us: 30_000_000,
    started_at: instant(now - 86_400_000 * 3),
    heartbeat_at: instant(now - 2000),
    overdue: false,
    stopping: false,
  });
  return [
    base('srv-1', 'worker-1.example.com:4021', 16, ['critical', 'default', 'mail']),
    base('srv-2', 'worker-2.example.com:3377', 16, ['default', 'media', 'reports']),
    {
      ...base('srv-3', 'worker-3.example.com:901', 8, ['media']),
      heartbeat_at: instant(now - 95_000),
      overdue: true,
    },
  ];
}

function makeAudit(random, now) {
  const actions = [
    'jobs.requeue',
    'jobs.delete',
    'queues.pause',
    'recurring.trigger',
    'bulk.requeue',
    'servers.stop',
  ];
  return Array.from({ length: 140 }, (_, index) => ({
    number: 140 - index,
    at: instant(now - index * 1_700_000),
    actor: random.pick(['ann@example.com', 'bob@example.com', 'token:deploy']),
    action: random.pick(actions),
    target: index === 3 ? hostile[1] : random.id(),
    reason: random.pick(['', 'after the mail outage', hostile[0], 'customer asked']),
    outcome: random.pick(['done', 'done', 'done', 'asked', 'refused: not in that state']),
  }));
}

export function createWorld({ role = 'admin', readOnly = false } = {}) {
  const random = createRandom(20261126);
  const now = Date.now();
  const world = {
    random,
    jobs: makeJobs(random, now),
    recurring: makeRecurring(now),
    servers: makeServers(now),
    audit: makeAudit(random, now),
    bulks: [],
    pauses: new Map([
      ['reports', { by: 'ann@example.com', reason: 'the warehouse is being restored' }],
    ]),
    lifetime: {
      Created: 1_402_118,
      Succeeded: 1_284_571,
      Failed: 8_213,
      Deleted: 1_984,
      BatchSucceeded: 204,
    },
    session: {
      user: 'ann@example.com',
      role,
      read_only: readOnly,
      title: 'Portfire',
      app_url: 'http://127.0.0.1/app',
      version: '0.6.0',
      storage: 'PostgreSQL jobs@db.example.com',
      token: 'mock-token',
      style_sheet: null,
      pages: [{ title: 'Tenants', url: '/ext/tenants' }],
    },
  };
  world.jobs.sort((a, b) => b.since.localeCompare(a.since));
  return world;
}

export function audit(world, action, target, reason) {
  const number = (world.audit[0]?.number ?? 0) + 1;
  world.audit.unshift({
    number,
    at: instant(Date.now()),
    actor: world.session.user,
    action,
    target,
    reason: reason ?? '',
    outcome: 'done',
  });
}

export function enter(world, job, state, reason = '') {
  job.state = state;
  job.kind = kindOfState[state] ?? 'waiting';
  job.since = instant(Date.now());
  job.reason = reason;
  job.server = state === 'Processing' ? world.random.pick(['srv-1', 'srv-2']) : null;
  job.due_at = null;
  world.lifetime[state] = (world.lifetime[state] ?? 0) + 1;
  world.jobs = [job, ...world.jobs.filter((each) => each !== job)];
}

/** A second of work. */
export function step(world) {
  const { random } = world;
  const running = world.jobs.filter(
    (job) => job.state === 'Processing' && job.name !== 'catalogue.stock',
  );
  if (running.length > 4) {
    const job = random.pick(running);
    job.duration_us = random.between(900, 4_000_000);
    enter(world, job, 'Succeeded');
  }
  const ready = world.jobs.filter(
    (job) => job.state === 'Enqueued' && !job.no_handler && !job.name.startsWith('hostile'),
  );
  if (ready.length > 20 && running.length < 16) enter(world, random.pick(ready), 'Processing');
  // Several at once, as in life.
  for (let n = 0; n < 3; ++n) world.jobs.unshift(makeJob(random, Date.now(), 'Enqueued'));
  if (world.jobs.length > 1500) world.jobs.length = 1500;
  const wave = 1 + Math.sin(Date.now() / 9000) * 0.4;
  world.lifetime.Created += 40;
  world.lifetime.Succeeded += Math.round(random.between(28, 44) * wave);
  world.lifetime.Failed += random.chance(0.5) ? random.between(1, 4) : 0;
  world.lifetime.Deleted += random.chance(0.2) ? 2 : 0;
  const batch = world.jobs.find((job) => job.state === 'BatchStarted' && job.members.total > 1000);
  if (batch && batch.members.outstanding > 1) {
    --batch.members.outstanding;
    ++batch.members.succeeded;
  }
  for (const server of world.servers)
    if (!server.overdue) server.heartbeat_at = instant(Date.now() - 900);
}

export function overviewOf(world) {
  const counts = new Map(Object.keys(kindOfState).map((state) => [state, uncounted[state] ?? 0]));
  for (const job of world.jobs) counts.set(job.state, (counts.get(job.state) ?? 0) + 1);
  const running = counts.get('Processing');
  return {
    now: instant(Date.now()),
    counts: [...counts].map(([state, count]) => ({
      state,
      kind: kindOfState[state] ?? 'waiting',
      count,
    })),
    lifetime: world.lifetime,
    retries: world.jobs.filter((job) => job.state === 'Scheduled' && job.attempt > 0).length,
    recurring: world.recurring.length,
    queues: queuesOf(world),
    servers: world.servers.length,
    workers: world.servers.reduce((sum, server) => sum + server.workers, 0),
    running,
    metrics: [
      { name: 'tenants', title: 'Active tenants', value: '312', url: '/ext/tenants' },
      { name: 'hostile', title: hostile[0], value: hostile[3], url: 'javascript:alert(1)' },
    ],
  };
}

export function queuesOf(world) {
  const names = ['critical', 'default', 'mail', 'media', 'reports'];
  return names.map((name) => {
    const own = world.jobs.filter((job) => job.queue === name);
    const ready = own.filter((job) => job.kind === 'ready');
    const pause = world.pauses.get(name);
    return {
      name,
      ready: ready.length,
      running: own.filter((job) => job.kind === 'running').length,
      no_handler: ready.filter((job) => job.no_handler).length,
      oldest_ready: ready.map((job) => job.since).sort()[0] ?? null,
      paused: pause !== undefined,
      paused_by: pause?.by ?? '',
      pause_reason: pause?.reason ?? '',
    };
  });
}
