import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { siteDir } from '../../lib/portico.mjs';
import { expect, test } from '../../lib/test.js';

const budget: Record<string, number> = JSON.parse(readFileSync(new URL('../../budget.json', import.meta.url), 'utf8'));

test('wasm and JavaScript stay within their budget', () => {
  const pkg = join(siteDir, 'pkg');
  // The desk's script is loaded on the desk's pages alone.
  const bytes = readdirSync(pkg).filter((name) => /^portico\.[0-9a-f]+\.(js|wasm)\.br$/.test(name)).map((name) => readFileSync(join(pkg, name)).length);
  expect(bytes).toHaveLength(2);
  expect(bytes.reduce((sum, n) => sum + n)).toBeLessThanOrEqual(budget['wasm and js, brotli']);
});

test('the booking page and everything it loads stay within their budget', async ({ page }) => {
  const loaded: { url: string; bytes: number }[] = [];
  page.on('requestfinished', async (request) => {
    const { responseBodySize } = await request.sizes();
    loaded.push({ url: new URL(request.url()).pathname, bytes: responseBodySize });
  });
  await page.goto('/c/riverside/book/times?service=followup&with=any');
  await page.waitForLoadState('networkidle');
  await expect.poll(() => loaded.some(({ url }) => url.endsWith('.wasm')), 'the islands were loaded').toBe(true);
  const sum = loaded.reduce((total, { bytes }) => total + bytes, 0);
  expect(sum, JSON.stringify(loaded, null, 1)).toBeLessThanOrEqual(budget['booking page with everything it loads']);
});
