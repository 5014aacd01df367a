// Builds the web site into <target>/site: the browser's half (wasm), the style sheet and the public files.
//
//   node end2end/build/site.mjs          small, hashed and precompressed, as it ships
//   node end2end/build/site.mjs --dev    quick, into <target>/site-dev
//
// The three built files are named after their content, `pkg/portico.<hash>.{js,wasm,css}`, so browsers may keep
// them for ever; `hash.txt` tells the server the hashes. Nothing is done again when nothing it reads has changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { bundle } from 'lightningcss';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');

/** Features every browser since 2022 has. `--all-features` makes files browsers refuse. */
const WASM_FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'reference-types', 'multivalue', 'sign-ext', 'mutable-globals'];
/** The oldest browsers the style sheet is written down for, as lightningcss counts versions (major << 16). */
const BROWSERS = Object.fromEntries(
  Object.entries({ chrome: 105, edge: 105, firefox: 110, safari: 16, ios_saf: 16, samsung: 20 }).map(([name, v]) => [name, v << 16]),
);
const COMPRESSIBLE = new Set(['.css', '.html', '.ico', '.js', '.json', '.mjs', '.svg', '.txt', '.wasm', '.webmanifest', '.xml']);

const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
const say = (text) => console.log(`    ${text}`);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The browser's half, bound to JavaScript: `portico.js` and `portico_bg.wasm` in a work folder. */
function bindWasm(wasm, work, dev) {
  run(join(target, 'tools/bin/wasm-bindgen'), [
    wasm, '--target', 'web', '--no-typescript', '--out-name', 'portico', '--out-dir', work, ...(dev ? ['--keep-debug'] : []),
  ]);
  const bound = join(work, 'portico_bg.wasm');
  if (!dev) {
    say('wasm-opt -Oz');
    run(process.execPath, [
      join(root, 'end2end/node_modules/binaryen/bin/wasm-opt'), bound, '-o', bound, '-Oz', '--strip-debug', '--strip-producers',
      ...WASM_FEATURES.map((feature) => `--enable-${feature}`),
    ]);
  }
}

function styleSheet(name, dev) {
  const { code, warnings } = bundle({ filename: join(root, 'style', name), minify: !dev, targets: BROWSERS });
  for (const { message, loc } of warnings) console.warn(`    style: ${message} (${loc?.filename}:${loc?.line})`);
  return code;
}

/**
 * Where a visit stands on the clinic's board: no style may stand in a page (its policy), and five minutes are a row. `t` is the first row, `n` over
 * how many, with the lines of text that fit; `l` which of `w` places beside one another; `h` the hours of a column, which are there when nothing is.
 */
function boardRows() {
  const many = (n, rule) => Array.from({ length: n }, (_, at) => rule(at));
  return [
    ...many(288, (n) => `.t${n}{grid-row-start:${n + 1}}`),
    ...many(288, (n) => `.n${n + 1}{grid-row-end:span ${n + 1};--lines:${Math.max(1, Math.floor(((n + 1) * 8 - 4) / 16))}}`),
    ...many(24, (n) => `.h${n + 1}{grid-template-rows:repeat(${12 * (n + 1)},var(--cell))}`),
    ...many(12, (n) => `.l${n}{--at:${n}}.w${n + 1}{--of:${n + 1}}`),
  ].join('\n');
}

function precompress(file) {
  const plain = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  for (const [ending, packed] of [['.br', brotliCompressSync(plain, { params })], ['.gz', gzipSync(plain, { level: 9 })]]) {
    if (packed.length < plain.length) writeFileSync(file + ending, packed);
  }
}

export function buildSite({ dev = false } = {}) {
  const profile = dev ? ['dev', 'debug'] : ['wasm-release', 'wasm-release'];
  run('cargo', ['build', '-p', 'frontend', '--target', 'wasm32-unknown-unknown', '--profile', profile[0]]);
  const wasm = join(target, 'wasm32-unknown-unknown', profile[1], 'frontend.wasm');

  const site = join(target, dev ? 'site-dev' : 'site');
  const inputs = [wasm, ...['style', 'public'].flatMap((f) => filesUnder(join(root, f))),
    fileURLToPath(import.meta.url), join(root, 'frontend/desk.js'), join(root, 'end2end/package-lock.json'), join(root, 'Cargo.lock')];
  const stamp = sha(...inputs.flatMap((file) => [file.slice(file.startsWith(root) ? root.length : 0), '\0', readFileSync(file)]));
  const stampFile = `${site}.stamp`;
  if (existsSync(join(site, 'hash.txt')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    say('the site is up to date');
    return site;
  }
  rmSync(stampFile, { force: true });

  const work = `${site}.work`;
  const fresh = `${site}.new`;
  for (const folder of [work, fresh]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  mkdirSync(join(fresh, 'pkg'), { recursive: true });

  bindWasm(wasm, work, dev);
  const hashes = {};
  const put = (kind, content) => {
    hashes[kind] = sha(content).slice(0, 16);
    writeFileSync(join(fresh, `pkg/portico.${hashes[kind]}.${kind}`), content);
  };
  put('wasm', readFileSync(join(work, 'portico_bg.wasm')));
  put('js', readFileSync(join(work, 'portico.js'), 'utf8').replaceAll('portico_bg.wasm', `portico.${hashes.wasm}.wasm`));
  put('css', styleSheet('main.css', dev));
  put('desk.css', Buffer.concat([styleSheet('desk.css', dev), Buffer.from(boardRows())]));
  put('desk.js', readFileSync(join(root, 'frontend/desk.js')));
  writeFileSync(join(fresh, 'hash.txt'), Object.keys(hashes).map((kind) => `${kind}: ${hashes[kind]}\n`).join(''));
  if (existsSync(join(work, 'snippets'))) cpSync(join(work, 'snippets'), join(fresh, 'pkg/snippets'), { recursive: true });
  if (existsSync(join(root, 'public'))) cpSync(join(root, 'public'), fresh, { recursive: true });
  if (!dev) {
    for (const file of filesUnder(fresh)) if (COMPRESSIBLE.has(extname(file)) && !file.endsWith('hash.txt')) precompress(file);
  }

  rmSync(site, { recursive: true, force: true });
  renameSync(fresh, site);
  rmSync(work, { recursive: true, force: true });
  writeFileSync(stampFile, stamp);
  for (const kind of Object.keys(hashes)) {
    const file = join(site, `pkg/portico.${hashes[kind]}.${kind}`);
    const packed = existsSync(`${file}.br`) ? `, ${kb(readFileSync(`${file}.br`).length)} as brotli` : '';
    say(`${kind.padEnd(4)} ${kb(readFileSync(file).length)}${packed}`);
  }
  return site;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildSite({ dev: process.argv.includes('--dev') });
