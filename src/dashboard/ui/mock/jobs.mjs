// Makes jobs in every state.

import { hostile, jobKinds, kindOfState } from './kinds.mjs';

export const instant = (milliseconds) => new Date(milliseconds).toISOString().replace('Z', '417Z');

const amounts = {
  Enqueued: 140,
  Scheduled: 64,
  Awaiting: 22,
  Processing: 14,
  Succeeded: 240,
  Failed: 92,
  Deleted: 34,
  NeedsReview: 6,
  Archived: 4,
};

export function makeJob(random, now, state, kind = random.pick(jobKinds)) {
  const age = state === 'Processing' ? random.between(1, 90) : random.between(20, 72_000);
  const since = now - age * 1000;
  const created = since - random.between(1, 900) * 1000;
  const failed = state === 'Failed' || (state === 'Scheduled' && random.chance(0.5));
  const [errorType, message] = random.pick(kind.errors);
  const text = failed ? message(random) : '';
  const job = {
    id: random.id(),
    name: kind.name,
    display_name: kind.name,
    tags: kind.tags,
    queue: kind.queue,
    priority: random.chance(0.1) ? 5 : 0,
    state,
    kind: kindOfState[state],
    reason: failed && state === 'Scheduled' ? `Retry 2 of 10: ${text}` : text,
    attempt: failed ? random.between(1, state === 'Failed' ? 10 : 4) : random.chance(0.05) ? 1 : 0,
    created_at: instant(created),
    since: instant(since),
    due_at: state === 'Scheduled' ? instant(now + random.between(5, 40_000) * 1000) : null,
    server: state === 'Processing' ? random.pick(['srv-1', 'srv-2']) : null,
    duration_us: state === 'Succeeded' || failed ? random.between(120, 9_000_000) : null,
    arguments: kind.make(random),
    arguments_cut: false,
    no_handler: state === 'Enqueued' && random.chance(0.04),
    batch: null,
  };
  const failure = failed
    ? JSON.stringify({
        type: errorType,
        message: text,
        nested: random.chance(0.5)
          ? [{ type: 'std::system_error', message: 'Resource temporarily unavailable' }]
          : [],
        stack: random.chance(0.6)
          ? [
              'deliver(Message const&) at src/mail/smtp.cpp:118',
              'run() at src/mail/worker.cpp:41',
              'portfire::execute at runtime/execute.cpp:77',
            ]
          : undefined,
      })
    : null;
  job.extra = {
    failure,
    parents: [],
    children: [],
    members: null,
    result: state === 'Succeeded' ? '{"bytes":18446744073709551615,"ok":true}' : null,
  };
  return job;
}

function makeHostile(random, now) {
  const jobs = hostile.map((text, index) => {
    const job = makeJob(random, now, index % 2 ? 'Failed' : 'Enqueued');
    job.display_name = text;
    job.name = `hostile.${index}`;
    job.tags = [text.slice(0, 60)];
    job.arguments = JSON.stringify([text, { [text]: text }]);
    job.reason = text;
    job.extra.failure = JSON.stringify({
      type: text,
      message: text,
      nested: [{ type: text, message: text }],
    });
    return job;
  });
  const large = makeJob(random, now, 'Succeeded');
  large.display_name = 'a megabyte of arguments';
  large.extra.full = `["${'0123456789abcdef'.repeat(65_536)}"]`;
  large.arguments = large.extra.full.slice(0, 4096);
  large.arguments_cut = true;
  const broken = makeJob(random, now, 'Failed');
  broken.display_name = 'arguments that are no JSON';
  broken.arguments = '[1, 2, {"a": NaN';
  return [...jobs, large, broken];
}

function makeBatch(random, now, state, total, done, description) {
  const batch = makeJob(random, now, 'Succeeded');
  const outstanding = total - done;
  Object.assign(batch, {
    name: '',
    display_name: description,
    tags: [],
    state,
    kind: kindOfState[state],
    duration_us: null,
    arguments: '[]',
    reason: '',
  });
  batch.members = {
    total,
    outstanding,
    succeeded: Math.max(0, done - (state === 'BatchCompleted' ? 3 : 0)),
  };
  batch.extra.members = batch.members;
  batch.extra.result = null;
  return batch;
}

function link(parent, child, on = 'succeeded') {
  child.extra.parents.push({ id: parent.id, on });
  parent.extra.children.push(child.id);
}

// fetch → three transforms → join → publish: what a workflow looks like.
function makeWorkflow(random, now) {
  const named = (name, state) =>
    Object.assign(makeJob(random, now, state), { name, display_name: name, no_handler: false });
  const fetch = named('catalogue.fetch', 'Succeeded');
  const transforms = ['prices', 'stock', 'images'].map((part, index) =>
    named(`catalogue.${part}`, ['Succeeded', 'Processing', 'Failed'][index]),
  );
  const join = named('catalogue.join', 'Awaiting');
  const publish = named('catalogue.publish', 'Awaiting');
  const report = named('catalogue.report_failure', 'Awaiting');
  transforms.forEach((each) => {
    link(fetch, each);
    link(each, join);
  });
  link(join, publish);
  link(join, report, 'failed');
  return [fetch, ...transforms, join, publish, report];
}

export function makeJobs(random, now) {
  const jobs = [];
  for (const [state, amount] of Object.entries(amounts)) {
    for (let index = 0; index < amount; ++index) jobs.push(makeJob(random, now, state));
  }
  const finished = jobs.filter((job) => job.state === 'Succeeded');
  jobs
    .filter((job) => job.state === 'Awaiting')
    .forEach((job, index) => link(finished[index], job));
  const batches = [
    makeBatch(random, now, 'BatchStarted', 1200, 431, 'import of the November catalogue'),
    makeBatch(random, now, 'BatchStarted', 24, 20, 'thumbnails of album 88'),
    makeBatch(random, now, 'BatchSucceeded', 5000, 5000, 'nightly re-index'),
    makeBatch(random, now, 'BatchCompleted', 310, 310, 'newsletter <b>no. 12</b>'),
  ];
  jobs.slice(0, 18).forEach((job) => (job.batch = batches[1].id));
  jobs.push(...batches, ...makeWorkflow(random, now), ...makeHostile(random, now));
  return jobs;
}
