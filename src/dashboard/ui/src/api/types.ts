// What the API answers, under /api/v1. The same shapes are described in src/dashboard/openapi.json,
// which the tests of the server hold against real answers.
//
// Instants are RFC 3339 text in UTC with microseconds. Names ending in _us are whole microseconds.
// Stored JSON of users (arguments, results, parameters) is *text*: parsing it here would round
// large integers.

export type Instant = string;
export type Id = string;

export type Kind = 'ready' | 'timed' | 'waiting' | 'running' | 'parked' | 'final';
export type Role = 'viewer' | 'operator' | 'admin';

/** GET session */
export interface Session {
  user: string; // '' when nobody signed in
  role: Role;
  read_only: boolean;
  title: string;
  /** Where the link "back to the application" leads; null hides it. */
  app_url: string | null;
  version: string;
  storage: string; // for people, without secrets
  /** Sent back in the header X-Portfire-Token with every request that is not a GET. */
  token: string;
  /** A style sheet of the embedding program, or null. */
  style_sheet: string | null;
  /** Pages of the embedding program, shown in the navigation. */
  pages: { title: string; url: string }[];
}

/** GET overview, and each event `overview` of GET events. */
export interface Overview {
  now: Instant; // the storage's clock
  /** Jobs that are in a state now. */
  counts: StateCount[];
  /** How often a state was ever entered; `Created` counts creations. */
  lifetime: Record<string, number>;
  retries: number; // Scheduled jobs that wait for a retry; -1 when there are too many to count
  recurring: number; // definitions; -1 when there are too many to count
  queues: Queue[];
  servers: number;
  workers: number;
  running: number;
  /** Metrics of the embedding program. */
  metrics: { name: string; title: string; value: string; url: string | null }[];
}
export interface StateCount {
  state: string;
  kind: Kind;
  count: number;
}

/** GET history?hours=24|168|720: by hour, in UTC; hours without any are left out. */
export interface History {
  from: Instant;
  to: Instant;
  hours: { hour: Instant; state: string; count: number }[];
}

export interface JobSummary {
  id: Id;
  name: string;
  display_name: string;
  tags: string[];
  queue: string;
  priority: number;
  state: string;
  kind: Kind;
  reason: string;
  attempt: number; // retries so far
  created_at: Instant;
  since: Instant; // when the present state was entered
  due_at: Instant | null;
  server: Id | null; // that runs it
  duration_us: number | null; // of the last finished run
  arguments: string; // a JSON array as text; at most 4,096 bytes of it in a list
  arguments_cut: boolean;
  no_handler: boolean; // no server here has a handler of that name
  batch: Id | null;
}

/**
 * GET jobs. Parameters, all optional and joined by AND: state, queue, name, tag, text (part of the
 * arguments), error (part of the reason), failure (key of a group), server, batch, created_from, created_before, since_from,
 * since_before, duration_at_least_us, duration_at_most_us, attempts_at_least, limit (20; 1 to 1000),
 * cursor.
 */
export interface JobPage {
  jobs: JobSummary[];
  /** The cursor of what follows; null when everything has been searched. */
  next: string | null;
  /** How many jobs this answer has looked at. With few jobs and a `next`, searching can go on. */
  examined: number;
  now: Instant;
}

/** GET jobs/{id} */
export interface JobDetails extends JobSummary {
  /** The call as it would be written in C++. */
  call: string;
  epoch: number;
  parameters: Record<string, string>; // name → JSON text
  data: string | null; // of the present state, JSON text
  result: string | null; // JSON text
  started_at: Instant | null;
  expires_at: Instant | null;
  parents: { id: Id; on: 'succeeded' | 'deleted' | 'failed' | 'finished'; state: string | null; name: string | null }[];
  children: { id: Id; state: string | null; name: string | null }[];
  members: Members | null; // of a batch
  time_left_us: number | null; // of a batch, estimated
  is_workflow: boolean;
  unique_key: string | null;
  limit_key: string | null;
  in_line: boolean;
  suspect: boolean;
  crashes: number;
  progress: number | null; // 0 to 1
  stopping_on: Id | null;
  server_name: string | null;
  recurring: string | null; // id of the definition that created it
  history: HistoryEntry[]; // oldest first
  /** Why it is not running, or how it stands: sentences in plain words. */
  explanation: string[];
  /** What the embedding program has to say about it. */
  sections: { title: string; text: string }[];
  now: Instant;
}
export interface Members {
  total: number;
  outstanding: number;
  succeeded: number;
}
export interface HistoryEntry {
  state: string;
  kind: Kind;
  at: Instant;
  reason: string;
  /** JSON text or null. Of failures: {"type": …, "message": …, "nested": [{type, message}], "stack"?: […]} */
  data: string | null;
  elected_away: boolean; // a candidate that a filter replaced; the job was never in it
  server: Id | null;
}

/** GET jobs/{id}/log?after=NUMBER&limit=… */
export interface Log {
  lines: { number: number; at: Instant; level: 'debug' | 'info' | 'warning' | 'error'; text: string }[];
}

/** GET jobs/{id}/graph: parents, children and their relatives; of a batch or workflow its members. */
export interface Graph {
  nodes: JobSummary[];
  edges: { from: Id; to: Id; argument: number | null; on: string | null }[];
  cut: boolean; // there are more than shown
}

/**
 * GET failures?since_from=…&cursor=…: Failed jobs grouped by name and by message without its numbers
 * and quoted parts. A piece at a time: groups of the pieces are added up by `key`.
 */
export interface Failures {
  groups: FailureGroup[];
  next: string | null;
  examined: number;
  now: Instant;
}
export interface FailureGroup {
  key: string;
  name: string;
  signature: string;
  sample: string; // one message in full
  sample_job: Id;
  count: number;
  first: Instant;
  last: Instant;
  /** How many entered Failed in each of the last 24 hours, oldest first. */
  trend: number[];
  /** Parameters of GET jobs that find exactly the jobs that were counted. */
  filter: Record<string, string>;
}

/** GET queues */
export interface Queues {
  queues: Queue[];
  now: Instant;
}
export interface Queue {
  name: string;
  ready: number;
  running: number;
  no_handler: number; // of the ready ones
  oldest_ready: Instant | null;
  paused: boolean;
  paused_by: string;
  pause_reason: string;
}

/** GET recurring?after=ID&limit=… */
export interface RecurringPage {
  recurring: Recurring[];
  next: string | null; // the `after` of the next page
  now: Instant;
}
export interface Recurring {
  id: string;
  job: string;
  arguments: string; // JSON text
  schedule: string; // a cron expression, or "every 90s"
  zone: string;
  description: string; // the schedule in words (English)
  misfire: 'relaxed' | 'strict' | 'ignorable';
  overlap: 'allow' | 'skip' | 'queue_one' | 'cancel_previous';
  queue: string;
  next: Instant | null;
  upcoming: Instant[]; // the next five
  last: Instant | null;
  last_job: Id | null;
  last_state: string | null;
  runs: number;
  skipped: number;
  paused: boolean;
  paused_by: string;
  pause_reason: string;
  paused_until: Instant | null;
  error: string;
  created_at: Instant;
}

/** GET servers */
export interface Servers {
  servers: Server[];
  now: Instant;
}
export interface Server {
  id: Id;
  name: string;
  version: string;
  workers: number;
  running: number;
  queues: string[];
  job_names: string[];
  lease_us: number;
  started_at: Instant;
  heartbeat_at: Instant;
  overdue: boolean; // its last sign of life is older than its lease
  stopping: boolean; // it was asked to stop
}

/** GET storage */
export interface StorageReport {
  description: string;
  engine: string; // 'PostgreSQL 15.3'
  layout_version: number;
  bytes: number; // of all parts
  parts: { name: string; bytes: number; rows: number | null }[];
  durable: boolean;
  survives_power_loss: boolean;
  shared: boolean;
  push_wakeup: boolean;
  now: Instant; // the storage's clock
  clock_difference_us: number; // storage − this process
  round_trip_us: number;
}

/** GET audit?before=NUMBER&limit=…&actor=…&action=…&target=… */
export interface Audit {
  entries: AuditEntry[];
  next: number | null; // the `before` of the next page
}
export interface AuditEntry {
  number: number;
  at: Instant;
  actor: string;
  action: string; // 'jobs.requeue', 'queues.pause', 'bulk.delete', …
  target: string;
  reason: string;
  outcome: string; // 'asked' when nothing is known about its end, 'done', 'refused: …'
}

// Actions. All are POST with a JSON object, of which `reason` is always optional.

/** POST jobs/{id}/requeue | delete | reschedule | move */
export interface ChangeRequest {
  reason?: string;
  from?: string; // only if it is in this state
  delay_us?: number; // reschedule: one of these two
  at?: Instant;
  queue?: string; // move
}
export interface ChangeResult {
  /** Redirected: a filter chose another state. What was not changed at all is a Problem, 404 or 409. */
  status: 'changed' | 'redirected';
  state: string; // that it has entered
}
/** POST jobs/{id}/run_again: a new job of the same name, queue, priority and parameters. */
export interface RunAgainRequest {
  reason?: string;
  arguments?: string; // a JSON array as text; absent: the same
}
export interface RunAgainResult {
  id: Id;
}
/** POST queues/{name}/pause | resume → Queue */
/** POST recurring/{id}/trigger → {id: Id}; pause {until?} | resume → Recurring; remove → {} */
/** POST recurring/{id}/schedule {schedule, zone} → Recurring */
/** POST servers/{id}/stop → Server */

/** POST bulk → 202 Bulk. With `dry_run` it is counted only. */
export interface BulkRequest {
  action: 'requeue' | 'delete' | 'reschedule' | 'move';
  ids?: Id[]; // one of these two
  filter?: Record<string, string>; // parameters of GET jobs, without limit and cursor
  dry_run?: boolean;
  reason?: string;
  delay_us?: number;
  at?: Instant;
  queue?: string;
}
/** GET bulk → {bulks: Bulk[]}; GET bulk/{id} → Bulk; POST bulk/{id}/cancel → Bulk */
export interface Bulk {
  id: string;
  action: string;
  dry_run: boolean;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  examined: number;
  found: number; // that match
  changed: number;
  skipped: number; // had moved on meanwhile, or a filter refused
  total: number | null; // known once counted
  error: string;
  actor: string;
  started_at: Instant;
  ended_at: Instant | null;
}

/** Every refusal: application/problem+json. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}
