// How many no-op jobs a second Graphile Worker drains, at its fastest settings: a local queue of 500
// and completions in batches without delay. It keeps no finished jobs.
//
//   node drain.mjs CONNECTION [JOBS]
//
// In a schema of its own, which is removed afterwards. Prints one JSON object.

import { run, Logger, makeWorkerUtils } from "graphile-worker";
import pg from "pg";

const [connectionString, count = "100000"] = process.argv.slice(2);
if (!connectionString) {
  console.error("usage: node drain.mjs CONNECTION [JOBS]");
  process.exit(2);
}
const jobs = Number(count);
const schema = `portfire_graphile_${process.pid}`;
const logger = new Logger(() => () => {});
const database = new pg.Client({ connectionString });
await database.connect();

try {
  const utilities = await makeWorkerUtils({ connectionString, schema, logger });
  await utilities.migrate();
  await utilities.release();

  const bulkBegin = performance.now();
  for (let done = 0; done < jobs; done += 1000) {
    await database.query(
      `SELECT ${schema}.add_jobs(ARRAY(
         SELECT ROW('no_op', json_build_object('i', i, 't', 0, 's', repeat('x', 32)), NULL, NULL,
                    NULL, NULL, NULL, NULL)::${schema}.job_spec
         FROM generate_series($1::integer, $2::integer) i))`,
      [done, Math.min(done + 1000, jobs) - 1],
    );
  }
  const bulkSeconds = (performance.now() - bulkBegin) / 1000;
  await database.query(`VACUUM ANALYZE ${schema}._private_jobs`);

  let runs = 0;
  const begin = performance.now();
  const runner = await run({
    logger,
    noHandleSignals: true,
    taskList: { no_op: async () => void (runs += 1) },
    preset: {
      worker: {
        connectionString,
        schema,
        concurrentJobs: 100,
        maxPoolSize: 10,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  // Finished means stored: until none is left in the table.
  for (let left = jobs; left > 0; ) {
    await new Promise((resolve) => setTimeout(resolve, runs < jobs ? 50 : 1));
    if (runs < jobs) continue;
    const { rows } = await database.query(`SELECT count(*)::integer AS left FROM ${schema}._private_jobs`);
    left = rows[0].left;
  }
  const seconds = (performance.now() - begin) / 1000;
  await runner.stop();
  console.log(
    JSON.stringify({
      jobs,
      bulk_enqueue_per_s: Math.round(jobs / bulkSeconds),
      drain_per_s: Math.round(jobs / seconds),
    }),
  );
} finally {
  await database.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await database.end();
}
