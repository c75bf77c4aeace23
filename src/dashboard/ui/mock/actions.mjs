// Everything that is POSTed.

import { instant, makeJob } from './jobs.mjs';
import { matcher } from './search.mjs';
import { audit, enter } from './world.mjs';

export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const targets = { requeue: 'Enqueued', delete: 'Deleted', reschedule: 'Scheduled' };

function change(world, job, action, body) {
  if (action === 'move') job.queue = body.queue;
  else enter(world, job, targets[action], body.reason ?? '');
  if (action === 'reschedule')
    job.due_at = body.at ?? instant(Date.now() + (body.delay_us ?? 0) / 1000);
}

export function actOnJob(world, id, action, body) {
  const job = world.jobs.find((each) => each.id === id);
  if (!job) throw new Refusal(404, 'There is no such job (any more).');
  if (action === 'run_again') {
    const again = makeJob(world.random, Date.now(), 'Enqueued');
    Object.assign(again, {
      name: job.name,
      display_name: job.display_name,
      queue: job.queue,
      arguments: body.arguments ?? job.arguments,
    });
    world.jobs.unshift(again);
    audit(world, 'jobs.run_again', id, body.reason);
    return { id: again.id };
  }
  if (body.from && body.from !== job.state)
    throw new Refusal(409, `The job is ${job.state} now, so it was left alone`);
  change(world, job, action, body);
  audit(world, `jobs.${action}`, id, body.reason);
  return { status: 'changed', state: job.state };
}

/** A few jobs at every call, so that progress can be watched. */
function advance(world, bulk, work) {
  if (bulk.state !== 'running') return;
  for (const id of work.ids.splice(0, work.atOnce)) {
    const job = world.jobs.find((each) => each.id === id);
    ++bulk.examined;
    if (!job) ++bulk.skipped;
    else {
      change(world, job, bulk.action, work.body);
      ++bulk.changed;
    }
  }
  if (work.ids.length === 0) {
    bulk.state = 'done';
    bulk.ended_at = instant(Date.now());
  } else setTimeout(() => advance(world, bulk, work), 300).unref();
}

export function startBulk(world, body) {
  const matches = body.filter ? matcher(new URLSearchParams(body.filter)) : null;
  const ids = matches ? world.jobs.filter(matches).map((job) => job.id) : body.ids;
  const bulk = {
    id: world.random.id(),
    action: body.action,
    dry_run: body.dry_run === true,
    state: 'running',
    examined: 0,
    found: ids.length,
    changed: 0,
    skipped: 0,
    total: ids.length,
    error: '',
    actor: world.session.user,
    started_at: instant(Date.now()),
    ended_at: null,
  };
  if (bulk.dry_run)
    Object.assign(bulk, {
      state: 'done',
      examined: world.jobs.length,
      ended_at: instant(Date.now()),
    });
  else {
    world.bulks.unshift(bulk);
    audit(world, `bulk.${body.action}`, `${ids.length} jobs`, body.reason);
    const work = { ids: [...ids], body, atOnce: Math.max(1, Math.ceil(ids.length / 6)) };
    setTimeout(() => advance(world, bulk, work), 200).unref();
  }
  return bulk;
}

export function cancelBulk(world, id) {
  const bulk = world.bulks.find((each) => each.id === id);
  if (!bulk) throw new Refusal(404, 'There is no such bulk action.');
  if (bulk.state === 'running')
    Object.assign(bulk, { state: 'cancelled', ended_at: instant(Date.now()) });
  return bulk;
}

export function actOnRecurring(world, id, action, body) {
  const item = world.recurring.find((each) => each.id === id);
  if (!item) throw new Refusal(404, 'There is no such recurring job.');
  audit(world, `recurring.${action}`, id, body.reason);
  if (action === 'trigger') {
    const job = makeJob(world.random, Date.now(), 'Enqueued');
    world.jobs.unshift(job);
    return { id: job.id };
  }
  if (action === 'remove') {
    world.recurring = world.recurring.filter((each) => each !== item);
    return {};
  }
  if (action === 'schedule') {
    if (!/^(every \d+\w+|(\S+ ){4,5}\S+)$/.test(body.schedule))
      throw new Refusal(422, `“${body.schedule}” is no schedule.`);
    Object.assign(item, { schedule: body.schedule, zone: body.zone, description: body.schedule });
  } else {
    const pause = action === 'pause';
    Object.assign(item, {
      paused: pause,
      paused_by: pause ? world.session.user : '',
      pause_reason: pause ? (body.reason ?? '') : '',
      paused_until: body.until ?? null,
    });
  }
  return item;
}
