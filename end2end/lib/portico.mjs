// Starting Portico and a browser, for the tests and for shoot.mjs.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const binary = process.env.PORTICO_BIN ?? join(target, 'release/portico');
export const siteDir = process.env.PORTICO_SITE_DIR ?? join(target, 'site');

/** The browser's program, or undefined where there is none. */
export const chromium = [
  process.env.PORTICO_CHROMIUM,
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path && existsSync(path));

/** How to start it: quiet, and asking nothing of the outside world. */
export const launchOptions = {
  executablePath: chromium,
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

/** @returns {Promise<number>} a loopback port nobody listens on */
function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer().on('error', fail).listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * @typedef {{ name: string, to: string | string[], subject: string, text: string, html?: string, at: string, ics?: string }} Mail
 * @typedef {{ url: string, dataDir: string, mails: () => Mail[], log: () => string, run: (args: string[]) => string, stop: () => Promise<void> }} Portico
 */

/**
 * A demo of its own: fresh data in a temporary folder, a free port, ready to answer.
 * @param {Record<string, string>} [settings] further environment variables
 * @returns {Promise<Portico>}
 */
export async function startPortico(settings = {}) {
  if (!existsSync(binary)) throw new Error(`There is no ${binary}: run \`make release\` first.`);
  const dataDir = mkdtempSync(join(tmpdir(), 'portico-e2e-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = {
    // Nothing that whoever runs the tests may have set for another Portico.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PORTICO_'))),
    PORTICO_LISTEN: `127.0.0.1:${port}`, PORTICO_PUBLIC_URL: url, PORTICO_DATA_DIR: dataDir, PORTICO_SITE_DIR: siteDir,
    ...settings,
  };
  const child = spawn(binary, ['demo'], {
    cwd: dataDir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
  const ended = new Promise((done) => { child.once('exit', done).once('error', done); });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);

  async function stop() {
    process.off('exit', killAtExit);
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
    rmSync(dataDir, { recursive: true, force: true });
  }

  const deadline = Date.now() + 60_000;
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`portico demo did not become ready:\n${output}`);
    }
    await pause(50);
  }

  const mailbox = join(dataDir, 'mailbox');
  return {
    url,
    dataDir,
    log: () => output,
    // Another command of Portico's, on the same data.
    run: (args) => execFileSync(binary, args, { cwd: dataDir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    mails: () => existsSync(mailbox)
      ? readdirSync(mailbox).filter((name) => name.endsWith('.json')).sort().map((name) => ({ name, ...JSON.parse(readFileSync(join(mailbox, name), 'utf8')) }))
      : [],
    stop,
  };
}

/**
 * Waits for the newest mail to an address whose text fits.
 * @param {Portico} portico
 * @param {string} to
 * @param {RegExp} text
 */
export async function newestMail(portico, to, text) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = portico.mails().filter((m) => [m.to].flat().some((a) => a.includes(to)) && text.test(m.text)).at(-1);
    if (found) return found;
    await pause(50);
  }
  throw new Error(`no mail came to ${to}`);
}
