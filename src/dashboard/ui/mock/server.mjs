// A plain HTTP server that answers like the real one: the API from a made-up world, and dist/ with the
// same headers. `prefix` is where it is mounted.

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { actOnJob, actOnRecurring, cancelBulk, Refusal, startBulk } from './actions.mjs';
import { detailsOf, graphOf, historyHours, logOf } from './details.mjs';
import { failuresOf, searchJobs } from './search.mjs';
import { audit, createWorld, overviewOf, queuesOf, step } from './world.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

const orNotFound = (value) => {
  if (!value) throw new Refusal(404, 'There is no such job.');
  return value;
};

function read(world, parts, query) {
  const [first, id, third] = parts;
  const now = new Date().toISOString();
  switch (first) {
    case 'session':
      return world.session;
    case 'overview':
      return overviewOf(world);
    case 'history':
      return historyHours(world, Number(query.get('hours') ?? 24));
    case 'queues':
      return { queues: queuesOf(world), now };
    case 'failures':
      return failuresOf(world, query);
    case 'recurring':
      return { recurring: world.recurring, next: null, now };
    case 'servers':
      return { servers: serversOf(world), now };
    case 'storage':
      return storageOf(now);
    case 'bulk':
      return id ? orNotFound(world.bulks.find((each) => each.id === id)) : { bulks: world.bulks };
    case 'audit':
      return auditOf(world, query);
    case 'jobs':
      if (!id) return searchJobs(world, query);
      if (third === 'log') return logOf(world, id, Number(query.get('after') ?? 0));
      if (third === 'graph') return graphOf(world, id);
      return orNotFound(detailsOf(world, id));
    default:
      throw new Refusal(404, 'There is no such resource.');
  }
}

function serversOf(world) {
  return world.servers.map((server) => ({
    ...server,
    running: world.jobs.filter((job) => job.server === server.id).length,
  }));
}

function auditOf(world, query) {
  const before = Number(query.get('before') ?? Infinity);
  const limit = Number(query.get('limit') ?? 50);
  const fits = (entry) =>
    ['actor', 'action', 'target'].every(
      (name) => !query.get(name) || entry[name].includes(query.get(name)),
    );
  const entries = world.audit.filter((entry) => entry.number < before && fits(entry));
  const page = entries.slice(0, limit);
  return { entries: page, next: entries.length > limit ? page.at(-1).number : null };
}

function storageOf(now) {
  const part = (name, bytes, rows) => ({ name, bytes, rows });
  return {
    description: 'PostgreSQL jobs@db.example.com',
    engine: 'PostgreSQL 15.3',
    layout_version: 7,
    bytes: 4_812_300_288,
    parts: [
      part('jobs', 2_411_724_800, 10_284_331),
      part('history', 1_903_800_320, 31_200_482),
      part('lanes', 88_113_152, 1_000_140),
      part('parameters', 402_653_184, 20_001_224),
      part('logs', 6_008_832, null),
    ],
    durable: true,
    survives_power_loss: true,
    shared: true,
    push_wakeup: true,
    now,
    clock_difference_us: 1420,
    round_trip_us: 412,
  };
}

function write(world, parts, body) {
  const [first, id, action] = parts;
  if (first === 'jobs') return actOnJob(world, id, action, body);
  if (first === 'bulk') return action === 'cancel' ? cancelBulk(world, id) : startBulk(world, body);
  if (first === 'recurring') return actOnRecurring(world, id, action, body);
  if (first === 'queues') {
    if (action === 'pause')
      world.pauses.set(id, { by: world.session.user, reason: body.reason ?? '' });
    else world.pauses.delete(id);
    audit(world, `queues.${action}`, id, body.reason);
    return queuesOf(world).find((queue) => queue.name === id);
  }
  if (first === 'servers') {
    const server = world.servers.find((each) => each.id === id);
    server.stopping = true;
    audit(world, 'servers.stop', id, body.reason);
    return server;
  }
  throw new Refusal(404, 'There is no such action.');
}

async function bodyOf(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text === '' ? {} : JSON.parse(text);
}

function streamEvents(context, response) {
  if (context.refuseStreams) return response.writeHead(503).end();
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const send = () =>
    response.write(`event: overview\ndata: ${JSON.stringify(overviewOf(context.world))}\n\n`);
  send();
  const timer = setInterval(send, 1000);
  context.streams.add(response);
  response.on('close', () => {
    clearInterval(timer);
    context.streams.delete(response);
  });
}

async function answerApi(context, request, response, path, query) {
  const { world } = context;
  const parts = path.split('/').map(decodeURIComponent);
  if (parts[0] === 'events') return streamEvents(context, response);
  let status = 200;
  let answer;
  try {
    if (request.method === 'GET') answer = read(world, parts, query);
    else {
      if (request.headers['x-portfire-token'] !== world.session.token)
        throw new Refusal(403, 'The token is missing.');
      if (world.session.read_only || world.session.role === 'viewer')
        throw new Refusal(403, 'Viewers may not change anything.');
      answer = write(world, parts, await bodyOf(request));
      if (parts.length === 1 && parts[0] === 'bulk') status = 202;
    }
  } catch (error) {
    status = error instanceof Refusal ? error.status : 500;
    answer = { type: 'about:blank', title: 'Refused', status, detail: error.message };
  }
  response.writeHead(status, {
    'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(answer));
}

function answerFile(prefix, path, response) {
  const headers = { 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' };
  const file = normalize(join(dist, path));
  const known = path !== '' && file.startsWith(dist) && extname(file) !== '' && existsSync(file);
  if (known) {
    response.writeHead(200, {
      ...headers,
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    });
    return createReadStream(file).pipe(response);
  }
  if (extname(path) !== '' && path.startsWith('assets/'))
    return response.writeHead(404, headers).end();
  response.writeHead(200, { ...headers, 'Content-Type': types['.html'] });
  response.end(
    readFileSync(join(dist, 'index.html'), 'utf8').replace(
      '<base href="/">',
      `<base href="${prefix}">`,
    ),
  );
}

/** `handle` answers requests below `prefix`; with `next` what is not of the API is left to others. */
export function createMock({ prefix = '/', ...options } = {}) {
  const context = { world: createWorld(options), streams: new Set(), refuseStreams: false };
  const clockwork = setInterval(() => step(context.world), 1000);
  clockwork.unref();
  const handle = (request, response, next) => {
    const url = new URL(request.url, 'http://mock');
    const inside = url.pathname.startsWith(prefix);
    const path = inside ? url.pathname.slice(prefix.length) : '';
    if (inside && path.startsWith('api/v1/'))
      return void answerApi(context, request, response, path.slice(7), url.searchParams);
    if (next) return next();
    if (!inside) return response.writeHead(404).end();
    return answerFile(prefix, path, response);
  };
  return { context, handle, stop: () => clearInterval(clockwork) };
}

export function createHandler() {
  return createMock().handle;
}

/** Listens on a free port, or the given one. */
export async function startMock({ port = 0, ...options } = {}) {
  const { context, handle, stop } = createMock(options);
  const server = createHttpServer(handle);
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => {
    stop();
    server.closeAllConnections();
    server.close();
  };
  const dropStreams = (refuse) => {
    context.refuseStreams = refuse;
    for (const stream of context.streams) stream.destroy();
  };
  return {
    url: `http://127.0.0.1:${server.address().port}${options.prefix ?? '/'}`,
    context,
    dropStreams,
    close,
  };
}
