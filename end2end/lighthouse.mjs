// Lighthouse on the pages a booking goes through, as a phone on a slow line sees them. Fetches Lighthouse itself when
// it is asked for: its 200 packages are needed for nothing else.
//   node lighthouse.mjs                 every page of the list, and the last steps of a booking
//   node lighthouse.mjs /sign-in        only these
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as browsers } from '@playwright/test';
import { chromium, launchOptions, startPortico } from './lib/portico.mjs';
import { lastSteps } from './lib/steps.mjs';

const VERSION = '12.8.2';
/** Least scores; the middle one of three runs counts. */
const GOALS = { performance: 95, accessibility: 100, 'best-practices': 100 };
const RUNS = 3;

const asked = process.argv.slice(2);
const pages = asked.length > 0 ? asked : [
  '/', '/c/riverside', '/c/riverside/book', '/c/riverside/book/with?service=followup',
  '/c/riverside/book/times?service=followup&with=any', '/sign-in',
];

/** Lighthouse now and then loses the start of a trace: then it is asked again. */
function run(/** @type {string} */ path, /** @type {string} */ cookie, /** @type {string} */ report, triesLeft = 2) {
  const headers = cookie ? [`--extra-headers=${JSON.stringify({ Cookie: cookie })}`] : [];
  try {
    execFileSync('npx', ['--yes', '--loglevel=error', `lighthouse@${VERSION}`, `${portico.url}${path}`, '--quiet', '--output=json', `--output-path=${report}`,
      `--only-categories=${Object.keys(GOALS).join(',')}`, ...headers, '--chrome-flags=--headless=new --no-sandbox --disable-gpu'],
    { env: { ...process.env, CHROME_PATH: chromium }, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    if (triesLeft === 0) throw error;
    run(path, cookie, report, triesLeft - 1);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'portico-lighthouse-'));
mkdirSync(folder, { recursive: true });
const portico = await startPortico();
let missed = 0;

/** The page's scores, as the browser with these cookies sees it. */
function measure(/** @type {string} */ path, cookie = '') {
  /** @type {Record<string, number[]>} */
  const scores = Object.fromEntries(Object.keys(GOALS).map((name) => [name, []]));
  const failing = new Set();
  for (let times = 0; times < RUNS; times += 1) {
    const report = join(folder, 'report.json');
    run(path, cookie, report);
    const { categories, audits, finalDisplayedUrl } = JSON.parse(readFileSync(report, 'utf8'));
    // A page that leads elsewhere is not the one that was asked for.
    if (cookie && new URL(finalDisplayedUrl).pathname !== path) throw new Error(`${path} led to ${finalDisplayedUrl}`);
    for (const [name, { score, auditRefs }] of Object.entries(categories)) {
      scores[name].push(Math.round(score * 100));
      for (const { id, weight } of auditRefs) if (weight > 0 && audits[id].score !== null && audits[id].score < 0.9) failing.add(`${id} (${audits[id].displayValue ?? audits[id].score})`);
    }
  }
  const line = Object.entries(GOALS).map(([name, goal]) => {
    const middle = scores[name].sort((a, b) => a - b)[Math.floor(RUNS / 2)];
    if (middle < goal) missed += 1;
    return `${name} ${middle}${middle < goal ? ` MISSED (${goal})` : ''}`;
  });
  console.log(`${path}: ${line.join(', ')}${failing.size ? `; below 0.9: ${[...failing].join(', ')}` : ''}`);
}

try {
  for (const path of pages) measure(path);
  if (asked.length === 0) {
    const browser = await browsers.launch(launchOptions);
    for await (const { path, cookie } of lastSteps(browser, portico)) measure(path, cookie);
    await browser.close();
  }
} finally {
  await portico.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed ? 1 : 0;
