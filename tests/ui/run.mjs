// Runs one suite: `run.mjs live|mock SUITE SERVE`. With `live` the program SERVE is the dashboard
// under test, for as long as the suite runs.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [site, suite, serve] = process.argv.slice(2);
const environment = { ...process.env };
let server;

if (site === 'live') {
  server = spawn(serve, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout });
  environment.PORTFIRE_URL = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    server.once('exit', (code) => reject(new Error(`the dashboard ended with ${code}`)));
  });
  server.removeAllListeners('exit');
} else {
  delete environment.PORTFIRE_URL;
}

const tests = spawn(process.execPath, ['--test', suite], { stdio: 'inherit', env: environment });
const code = await new Promise((resolve) => tests.once('exit', (status) => resolve(status ?? 1)));
if (server) {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.stdin.end();
  await ended;
}
process.exit(code);
