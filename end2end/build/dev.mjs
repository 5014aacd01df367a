// `make dev`: a debug build of the demo, rebuilt and restarted when a source file changes.
// While a build runs or fails, the previous demo goes on answering.
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSite, target } from './site.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const watched = ['app', 'frontend', 'migrations', 'server', 'style', 'public', 'Cargo.toml', 'Cargo.lock'];

/** @type {import('node:child_process').ChildProcess | undefined} */
let demo;
let changed = true;
let building = false;

const cargo = () => new Promise((done) => {
  spawn('cargo', ['build', '-p', 'server', '--bin', 'portico'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    .once('error', () => done(false)).once('exit', (code) => done(code === 0));
});

const ended = (child) => child.exitCode !== null || child.signalCode !== null
  ? Promise.resolve() : new Promise((done) => { child.once('exit', done); });

async function restart(site) {
  if (demo) {
    demo.kill('SIGTERM');
    await ended(demo);
  }
  demo = spawn(join(target, 'debug/portico'), ['demo'], {
    cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, PORTICO_SITE_DIR: site },
  });
}

async function build() {
  if (building) return;
  building = true;
  while (changed) {
    changed = false;
    const begun = Date.now();
    console.log('\n==> building');
    try {
      if (!await cargo()) throw new Error('the server does not compile');
      const site = buildSite({ dev: true });
      await restart(site);
      console.log(`==> ready after ${((Date.now() - begun) / 1000).toFixed(1)} s; watching for changes (Ctrl-C ends)`);
    } catch (error) {
      console.error(`==> not restarted: ${error instanceof Error ? error.message : error}`);
    }
  }
  building = false;
}

let settle;
for (const path of watched.map((name) => join(root, name)).filter(existsSync)) {
  watch(path, { recursive: true }, (_event, name) => {
    if (name && /(^|\/)(\.|#)|~$|\.(db|db-wal|db-shm|swp|tmp)$/.test(name)) return;
    changed = true;
    clearTimeout(settle);
    settle = setTimeout(build, 200);
  });
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    demo?.kill('SIGTERM');
    if (demo) await ended(demo);
    process.exit(0);
  });
}
build();
