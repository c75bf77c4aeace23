// GET jobs and GET failures, with the piecewise answers of a large storage.

const perPiece = 90;

export const withoutExtra = ({ extra: _, ...job }) => job;

export function matcher(query) {
  const has = (name) => query.has(name) && query.get(name) !== '';
  const value = (name) => query.get(name);
  const tests = [];
  const add = (name, test) => has(name) && tests.push((job) => test(job, value(name)));
  add('state', (job, v) => job.state === v);
  add('queue', (job, v) => job.queue === v);
  add('name', (job, v) => job.name === v);
  add('tag', (job, v) => job.tags.includes(v));
  add('text', (job, v) => job.arguments.includes(v));
  add('error', (job, v) => job.reason.includes(v));
  add('failure', (job, v) => failureKeyOf(job) === v);
  add('server', (job, v) => job.server === v);
  add('batch', (job, v) => job.batch === v);
  add('created_from', (job, v) => job.created_at >= v);
  add('created_before', (job, v) => job.created_at < v);
  add('since_from', (job, v) => job.since >= v);
  add('since_before', (job, v) => job.since < v);
  add('duration_at_least_us', (job, v) => job.duration_us !== null && job.duration_us >= Number(v));
  add('duration_at_most_us', (job, v) => job.duration_us !== null && job.duration_us <= Number(v));
  add('attempts_at_least', (job, v) => job.attempt >= Number(v));
  return (job) => tests.every((test) => test(job));
}

export function searchJobs(world, query) {
  const limit = Math.min(1000, Number(query.get('limit') ?? 20));
  const matches = matcher(query);
  const piecewise = query.has('text') || query.has('error') || query.has('tag');
  const start = Number(query.get('cursor') ?? 0);
  const jobs = [];
  let at = start;
  for (; at < world.jobs.length && jobs.length < limit; ++at) {
    if (piecewise && at - start >= perPiece) break;
    if (matches(world.jobs[at])) jobs.push(withoutExtra(world.jobs[at]));
  }
  return {
    jobs,
    next: at < world.jobs.length ? `${at}` : null,
    examined: at - start,
    now: new Date().toISOString(),
  };
}

const signatureOf = (message) => message.replace(/"[^"]*"/g, '"…"').replace(/\d+/g, '#');

const failureKeyOf = (job) => `${job.name} ${signatureOf(job.reason)}`;

export function failuresOf(world, query) {
  const from = query.get('since_from') ?? '';
  const groups = new Map();
  for (const job of world.jobs) {
    if (job.state !== 'Failed' || job.since < from) continue;
    const signature = signatureOf(job.reason);
    const key = failureKeyOf(job);
    const group = groups.get(key) ?? {
      key,
      name: job.name,
      signature,
      sample: job.reason,
      sample_job: job.id,
      count: 0,
      first: job.since,
      last: job.since,
      trend: new Array(24).fill(0),
      filter: { failure: key, ...(from ? { since_from: from } : {}) },
    };
    groups.set(key, group);
    ++group.count;
    if (job.since < group.first) group.first = job.since;
    if (job.since > group.last) group.last = job.since;
    const hour = 23 - Math.floor((Date.now() - Date.parse(job.since)) / 3_600_000);
    if (hour >= 0) ++group.trend[hour];
  }
  return {
    groups: [...groups.values()],
    next: null,
    examined: world.jobs.length,
    now: new Date().toISOString(),
  };
}
