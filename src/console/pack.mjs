// Writes the built page as a C++ source: each file compressed, with its type and ETag.   node pack.mjs DIST
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = '/_engine/console';
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else yield path;
  }
}

const dist = process.argv[2];
const arrays = [];
const rows = [];
for (const [i, file] of [...filesOf(dist)].entries()) {
  const content = readFileSync(file);
  const name = relative(dist, file);
  const type = types[extname(name)];
  if (!type) throw new Error(`pack: ${name} is of a type that has no Content-Type here`);
  const etag = createHash('sha256').update(content).digest('hex').slice(0, 32);
  const gzip = gzipSync(content, { level: 9 });
  const path = name === 'index.html' ? root : `${root}/${name}`;
  arrays.push(`constexpr unsigned char kFile${i}[] = {${gzip.join(',')}};`);
  rows.push(`    {"${path}", "${type}", "\\"${etag}\\"", ${name.startsWith('assets/')}, bytes(kFile${i})},`);
}
process.stdout.write(`// The page's files. Made by src/console/pack.mjs.
#include "engine/console/assets.h"

#include <array>

namespace engine::console {
namespace {

${arrays.join('\n')}

template <std::size_t N>
std::string_view bytes(const unsigned char (&file)[N]) {
  return {reinterpret_cast<const char*>(file), N};
}

const std::array<Asset, ${rows.length}> kAssets{{
${rows.join('\n')}
}};

}  // namespace

std::span<const Asset> page_assets() { return kAssets; }

}  // namespace engine::console
`);
