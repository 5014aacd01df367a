// Pictures of every page into end2end/shots: phone and desktop, light and dark, with and without JavaScript.
//   node shoot.mjs                 all pages
//   node shoot.mjs / /sign-in      only these
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { desktop, launchOptions, phone, startPortico } from './lib/portico.mjs';

const pages = ['/', '/c/riverside', '/c/riverside/book', '/sign-in', '/visits', '/dev/mailbox', '/no-such-page'];

const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'shots');
const wanted = process.argv.length > 2 ? process.argv.slice(2) : pages;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const portico = await startPortico();
const browser = await chromium.launch(launchOptions);
try {
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      for (const javaScriptEnabled of [true, false]) {
        const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled, locale: 'en-GB', timezoneId: 'Pacific/Auckland', baseURL: portico.url });
        const page = await context.newPage();
        for (const path of wanted) {
          const answer = await page.goto(path, { waitUntil: 'networkidle' });
          const name = path.replace(/^\//, '').replace(/[^a-z0-9]+/gi, '-') || 'home';
          await page.screenshot({ path: join(folder, `${name}.${size}.${colorScheme}.${javaScriptEnabled ? 'js' : 'nojs'}.png`), fullPage: true });
          console.log(`${answer?.status()} ${path} ${size} ${colorScheme} ${javaScriptEnabled ? 'js' : 'nojs'}`);
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await portico.stop();
}
console.log(`The pictures are in ${folder}`);
