// Portico's `test`: every test gets a running demo, fails on anything the browser complains about, and can read mail.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, type Page, test as base, expect } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { type Mail, type Portico, startPortico } from './portico.mjs';

type MailWanted = { to?: string; subject?: RegExp; text?: RegExp };

type PerTest = {
  /** The newest mail that fits and was not read yet, waited for: whoever asks for a second code is not given the first. */
  mailbox: (wanted?: MailWanted) => Promise<Mail>;
  /** Zero accessibility violations on the page as it stands, or the test fails. */
  axe: (page: Page) => Promise<void>;
  /** Says that the test provokes browser complaints that match, such as `/404/` for a page that is missing. */
  tolerate: (complaint: RegExp) => void;
  complaints: { seen: string[]; tolerated: RegExp[] };
  stall: void;
};
type PerWorker = { portico: Portico; copies: Page };

export const test = base.extend<PerTest, PerWorker>({
  portico: [async ({}, use) => {
    // A fast machine opens pages faster than people do; what limits do is in server/tests/it/limits.rs.
    const portico = await startPortico({ PORTICO_VISITOR_BURST: '1000', PORTICO_VISITOR_PER_SECOND: '200' });
    await use(portico);
    await portico.stop();
  }, { scope: 'worker', timeout: 90_000 }],

  baseURL: ({ portico }, use) => use(portico.url),

  complaints: [async ({}, use, testInfo) => {
    const complaints = { seen: [] as string[], tolerated: [] as RegExp[] };
    await use(complaints);
    const left = complaints.seen.filter((seen) => !complaints.tolerated.some((tolerated) => tolerated.test(seen)));
    if (testInfo.status === testInfo.expectedStatus || left.length > 0) expect(left, 'complaints of the browser').toEqual([]);
  }, { auto: true }],

  // Whoever reads of a time-out wants to know whether the machine stood still.
  stall: [async ({}, use, testInfo) => {
    let [latest, longest] = [performance.now(), 0];
    const look = () => {
      longest = Math.max(longest, performance.now() - latest);
      latest = performance.now();
    };
    const looking = setInterval(look, 200);
    await use();
    clearInterval(looking);
    look();
    if (longest > 3_000) testInfo.annotations.push({ type: 'stall', description: `this process had no turn for ${(longest / 1_000).toFixed(1)} s` });
  }, { auto: true }],

  tolerate: ({ complaints }, use) => use((complaint) => { complaints.tolerated.push(complaint); }),

  context: async ({ context, complaints }, use) => {
    listen(context, complaints.seen);
    await use(context);
  },

  mailbox: async ({ portico }, use) => {
    const read = new Set<string>();
    await use(async (wanted = {}) => {
      let found: Mail | undefined;
      await expect(() => {
        found = portico.mails().filter((mail) => !read.has(mail.name) && fits(mail, wanted)).at(-1);
        expect(found, `a mail like ${wanted.to ?? 'any'} ${wanted.subject ?? ''} ${wanted.text ?? ''}`).toBeDefined();
      }).toPass({ timeout: 10_000 });
      read.add((found as Mail).name);
      return found as Mail;
    });
  },

  axe: ({ javaScriptEnabled, copies }, use) => use(async (page) => {
    if (javaScriptEnabled) return expectAccessible(page);
    // Without JavaScript axe cannot run either: it reads a copy of the page, scripts left out.
    const html = (await page.content()).replace(/<script\b[\s\S]*?<\/script>/gi, '');
    const size = page.viewportSize();
    if (size) await copies.setViewportSize(size);
    // What is asked of a server has no fragment.
    const [asked] = page.url().split('#');
    await copies.route((url) => url.href.split('#')[0] === asked, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    // From nowhere: to an address with a fragment where it stands already it would not go.
    await copies.goto('about:blank');
    await copies.goto(page.url());
    await expectAccessible(copies);
    await copies.unrouteAll();
  }),

  // One for all: it has the styles and fonts already.
  copies: [async ({ browser }, use) => {
    const page = await browser.newPage({ javaScriptEnabled: true, bypassCSP: true });
    await use(page);
    await page.context().close();
  }, { scope: 'worker' }],
});

export { expect } from '@playwright/test';

/** Collects what the browser says is wrong: script errors, refused policies, failed and broken requests. */
function listen(context: BrowserContext, seen: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error') seen.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => { seen.push(`page error: ${error.error().message}`); });
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? 'unknown';
    // Leaving a page stops what it was still loading, and a download is no page.
    if (why !== 'net::ERR_ABORTED') seen.push(`request failed: ${request.url()} ${why}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 500) seen.push(`server error: ${response.status()} ${response.url()}`);
  });
}

function fits(mail: Mail, { to, subject, text }: MailWanted): boolean {
  return (!to || [mail.to].flat().some((address) => address.includes(to)))
    && (!subject || subject.test(mail.subject))
    && (!text || text.test(mail.text));
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function expectAccessible(page: Page): Promise<void> {
  // A click answers when the next page's answer has begun: what has not arrived yet has neither a title nor a language.
  await page.waitForLoadState('load');
  await expect(page).toHaveTitle(/\S/);
  await page.evaluate(axeSource);
  const results = await page.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  const violations = results.violations.map(({ id, help, nodes }) =>
    ({ id, help, where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`) }));
  expect(violations, `accessibility of ${page.url()}`).toEqual([]);
}
