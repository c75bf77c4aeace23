// How many no-op jobs a second BullMQ drains in one process at concurrency 1, 10 and 50. It keeps
// finished jobs, as it does unless told otherwise.
//
//   node drain.mjs REDIS [JOBS]     REDIS: the path of a socket, or redis://host:port
//
// In database 15, which must be empty and is empty afterwards. Prints one JSON object; the best
// concurrency counts.

import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

const [server, count = "100000"] = process.argv.slice(2);
if (!server) {
  console.error("usage: node drain.mjs REDIS [JOBS]");
  process.exit(2);
}
const jobs = Number(count);
const bulkSize = 1000;
const place = server.startsWith("/")
  ? { path: server }
  : { host: new URL(server).hostname, port: Number(new URL(server).port || 6379) };
const connection = new Redis({ ...place, db: 15, maxRetriesPerRequest: null });
const payload = { i: 12345, t: 0, s: "x".repeat(32) };

async function enqueue(queue) {
  const begin = performance.now();
  for (let done = 0; done < jobs; done += bulkSize) {
    const length = Math.min(bulkSize, jobs - done);
    await queue.addBulk(Array.from({ length }, () => ({ name: "no_op", data: payload })));
  }
  return jobs / ((performance.now() - begin) / 1000);
}

async function drain(queue, concurrency) {
  let runs = 0;
  let allHaveRun;
  const end = new Promise((resolve) => (allHaveRun = resolve));
  const worker = new Worker(
    queue.name,
    async () => {
      runs += 1;
      if (runs === jobs) allHaveRun();
    },
    { connection, concurrency, autorun: false },
  );
  worker.on("error", (error) => console.error(error.message));
  await worker.waitUntilReady();
  const begin = performance.now();
  worker.run();
  await end;
  // Finished means stored.
  while ((await queue.getCompletedCount()) < jobs) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const seconds = (performance.now() - begin) / 1000;
  await worker.close();
  return jobs / seconds;
}

const queue = new Queue("portfire_bench", { connection });
await queue.waitUntilReady();
if ((await connection.dbsize()) > 0) {
  console.error("database 15 is not empty; name a server that nobody uses");
  process.exit(1);
}
try {
  const bulk = [];
  const byConcurrency = {};
  for (const concurrency of [1, 10, 50]) {
    bulk.push(await enqueue(queue));
    byConcurrency[concurrency] = Math.round(await drain(queue, concurrency));
    await connection.flushdb();
  }
  console.log(
    JSON.stringify({
      jobs,
      bulk_enqueue_per_s: Math.round(Math.max(...bulk)),
      drain_per_s: Math.max(...Object.values(byConcurrency)),
      drain_by_concurrency_per_s: byConcurrency,
    }),
  );
} finally {
  await connection.flushdb();
  await queue.close();
  connection.disconnect();
}
