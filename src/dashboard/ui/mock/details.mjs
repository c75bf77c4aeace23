// GET jobs/{id} and what belongs to it.

import { instant } from './jobs.mjs';
import { kindOfState } from './kinds.mjs';
import { withoutExtra } from './search.mjs';

const find = (world, id) => world.jobs.find((job) => job.id === id);

function historyOf(job) {
  const created = Date.parse(job.created_at);
  const entry = (state, at, reason = '', data = null, server = null) => ({
    state,
    kind: kindOfState[state] ?? 'waiting',
    at: instant(at),
    reason,
    data,
    elected_away: false,
    server,
  });
  const history = [entry('Enqueued', created, '', `{"queue":"${job.queue}"}`)];
  for (let attempt = 0; attempt < Math.min(3, job.attempt); ++attempt) {
    const at = created + 5000 * (attempt + 1);
    history.push(entry('Processing', at, '', null, 'srv-1'));
    history.push({ ...entry('Failed', at + 1300, '', job.extra.failure), elected_away: true });
    history.push(entry('Scheduled', at + 1300, `Retry ${attempt + 1} of 10`));
  }
  if (job.state !== 'Enqueued') {
    const data =
      job.state === 'Failed'
        ? job.extra.failure
        : job.state === 'Succeeded'
          ? `{"duration_us":${job.duration_us},"latency_us":1824}`
          : null;
    history.push(entry(job.state, Date.parse(job.since), job.reason, data, job.server));
  }
  return history;
}

function explain(world, job) {
  switch (job.state) {
    case 'Enqueued':
      if (job.no_handler) return [`No server here has a handler named ${job.name}.`];
      return world.pauses.has(job.queue)
        ? [`The queue ${job.queue} is paused: ${world.pauses.get(job.queue).reason}.`]
        : [
            `It waits for a free worker: 41 jobs of the queue ${job.queue} come before it.`,
            'All 32 workers that serve this queue are busy.',
          ];
    case 'Scheduled':
      return job.attempt > 0
        ? ['It failed and will be tried again.']
        : ['It was scheduled for later.'];
    case 'Awaiting':
      return ['It waits for jobs that have not ended yet.'];
    case 'Failed':
      return ['It failed and no retry is left. Requeue it to run it again, or delete it.'];
    default:
      return [];
  }
}

export function detailsOf(world, id) {
  const job = find(world, id);
  if (!job) return null;
  const relative = (other) => ({
    id: other,
    state: find(world, other)?.state ?? null,
    name: find(world, other)?.name ?? null,
  });
  const text = job.extra.full ?? job.arguments;
  return {
    ...withoutExtra(job),
    arguments: text,
    arguments_cut: false,
    call: `${job.name.replaceAll('.', '::') || 'batch'}(${text.slice(1, 200).replace(/\]$/, '')})`,
    epoch: job.attempt + 1,
    parameters: { culture: '"en-GB"', trace: '{"id":12345678901234567890,"sampled":true}' },
    data: null,
    result: job.extra.result,
    started_at: job.kind === 'running' ? job.since : null,
    expires_at: job.kind === 'final' ? instant(Date.parse(job.since) + 86_400_000) : null,
    parents: job.extra.parents.map((parent) => ({ ...relative(parent.id), on: parent.on })),
    children: job.extra.children.map(relative),
    members: job.extra.members,
    time_left_us: job.state === 'BatchStarted' ? 754_000_000 : null,
    is_workflow: job.name.startsWith('catalogue.'),
    unique_key: null,
    limit_key: job.name === 'image.resize' ? 'resize (4 at once)' : null,
    in_line: false,
    suspect: false,
    crashes: 0,
    progress:
      job.kind === 'running' ? ((Date.now() - Date.parse(job.since)) % 100_000) / 100_000 : null,
    stopping_on: null,
    server_name: job.server
      ? (world.servers.find((each) => each.id === job.server)?.name ?? null)
      : null,
    recurring: null,
    history: historyOf(job),
    explanation: explain(world, job),
    sections: [{ title: 'Customer', text: 'Example Ltd\nsince 2019' }],
    now: instant(Date.now()),
  };
}

export function graphOf(world, id) {
  const start = find(world, id);
  const nodes = new Map();
  const edges = [];
  const visit = (job) => {
    if (!job || nodes.has(job.id) || nodes.size > 60) return;
    nodes.set(job.id, withoutExtra(job));
    job.extra.parents.forEach((parent) => visit(find(world, parent.id)));
    job.extra.children.forEach((child) => visit(find(world, child)));
    if (job.batch) visit(find(world, job.batch));
    if (job.members) {
      for (const member of world.jobs.filter((each) => each.batch === job.id)) {
        visit(member);
        edges.push({ from: member.id, to: job.id, argument: null, on: null });
      }
    }
  };
  visit(start);
  for (const node of nodes.keys()) {
    for (const parent of find(world, node).extra.parents)
      edges.push({ from: parent.id, to: node, argument: null, on: parent.on });
  }
  return { nodes: [...nodes.values()], edges, cut: false };
}

export function logOf(world, id, after) {
  const job = find(world, id);
  if (!job || !['running', 'final', 'parked'].includes(job.kind) || job.extra.members)
    return { lines: [] };
  const start = Date.parse(job.since);
  const count =
    job.kind === 'running' ? Math.min(400, Math.floor((Date.now() - start) / 1000) + 3) : 12;
  const levels = ['info', 'info', 'debug', 'info', 'warning', 'error'];
  const lines = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    at: instant(start + index * 900),
    level: levels[(index * 7) % 6],
    text:
      index === 4
        ? '<b>not bold</b> שלום 🚀'
        : `step ${index + 1}: ${['connected', 'read 4,096 bytes', 'waiting for the peer', 'written'][index % 4]}`,
  }));
  return { lines: lines.filter((line) => line.number > after) };
}

export function historyHours(world, hours) {
  const to = Date.now();
  const list = [];
  for (let hour = 0; hour < hours; ++hour) {
    const at = new Date(Math.floor((to - hour * 3_600_000) / 3_600_000) * 3_600_000);
    const day = 0.55 + 0.45 * Math.sin(((at.getUTCHours() - 6) / 24) * 2 * Math.PI);
    const amount = Math.round(1800 * day) + ((hour * 37) % 90);
    list.push({ hour: at.toISOString(), state: 'Succeeded', count: amount });
    if (hour % 3)
      list.push({
        hour: at.toISOString(),
        state: 'Failed',
        count: hour % 11 === 5 ? 240 : 12 + (hour % 7) * 6,
      });
    if (hour % 4 === 0) list.push({ hour: at.toISOString(), state: 'Deleted', count: 30 });
  }
  return { from: instant(to - hours * 3_600_000), to: instant(to), hours: list };
}
