// Compresses the files of a directory, each beside itself: `app.js.br`, `app.js.gz`. Those that do
// not get smaller by it stay alone; so does index.html, which is changed before it is sent.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [directory] = process.argv.slice(2);

function filesIn(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const file = join(path, entry.name);
    return entry.isDirectory() ? filesIn(file) : [file];
  });
}

for (const file of filesIn(directory)) {
  if (/\.(br|gz)$/.test(file) || file === join(directory, 'index.html')) continue;
  const content = readFileSync(file);
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  });
  const gzip = gzipSync(content, { level: 9 });
  if (brotli.length < content.length) writeFileSync(`${file}.br`, brotli);
  if (gzip.length < content.length) writeFileSync(`${file}.gz`, gzip);
}
