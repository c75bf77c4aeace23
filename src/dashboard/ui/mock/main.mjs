// npm run mock: serves dist/ with made-up data. PORT and PREFIX may be set.

import { startMock } from './server.mjs';

const { url } = await startMock({
  port: Number(process.env.PORT ?? 8099),
  prefix: process.env.PREFIX ?? '/',
});
console.log(`The dashboard with made-up data: ${url}`);
