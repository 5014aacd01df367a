// The desk's lock (HIP-04): it asks before it locks, and what was sent to a locked desk is kept and done after the proof.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startPortico } from '../lib/portico.mjs';
import { client, signOnFile, startProvider } from '../lib/provider.mjs';
import { expect, test } from '../lib/test.js';

test.describe.configure({ timeout: 240_000 });

const heading = (page: Page, name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

async function signIn(page: Page) {
  await page.getByRole('link', { name: 'Sign in with Riverside ID' }).click();
  await page.getByRole('link', { name: 'I am Kim Example' }).click();
}

test('a desk asks before it locks, and keeps what was sent when it had', async ({ page, context, axe, tolerate, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, 'What asks is a script; without one the desk locks, and what was sent is kept by the server');
  const portico = await startPortico({ PORTICO_STAFF_IDLE_MINUTES: '2' });
  const provider = await startProvider({ sub: 'kim', name: 'Kim Example', groups: ['desk'] });
  const folder = mkdtempSync(join(tmpdir(), 'portico-lock-'));
  try {
    const [file, secret] = [join(folder, 'sso.toml'), join(folder, 'secret')];
    writeFileSync(file, signOnFile(provider));
    writeFileSync(secret, client.secret);
    portico.run(['sso', 'set', file, '--clinic', 'riverside', '--secret-file', secret]);
    await page.goto(`${portico.url}/staff/riverside/schedule`);
    await signIn(page);
    await expect(page.locator('#board')).toBeVisible();

    // A minute before it locks.
    const asks = page.getByRole('dialog', { name: 'Are you still there?' });
    await expect(asks).toBeVisible({ timeout: 100_000 });
    await expect(asks.getByRole('button', { name: 'Stay at work' })).toBeFocused();
    await axe(page);
    await page.keyboard.press('Enter');
    await expect(asks).toBeHidden();

    // Without the live script, as on a page that was open when the connection was gone.
    tolerate(/events/);
    await page.route('**/events', (route) => route.abort());
    const day = new Date(Date.now() + 21 * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`${portico.url}/staff/riverside/block?day=${day}`);
    await page.locator('#from').fill('12:00');
    await page.locator('#to').fill('13:00');
    await page.locator('#note').fill('Tea & cake');
    const tab = await context.newPage();
    await tab.goto(`${portico.url}/staff/riverside/patients`);
    await tab.getByRole('button', { name: 'Lock' }).click();
    await tab.close();
    await page.locator('form[action="/fn/desk-block"] button[type=submit]').click();
    await heading(page, 'The desk is locked');
    await signIn(page);
    await heading(page, 'Go on where you were');
    await axe(page);
    await page.getByRole('button', { name: 'Do it now' }).click();
    await expect(page).toHaveURL(/\/schedule\?day=/);
  } finally {
    // A page that is still open would ask for its icon.
    await page.close();
    provider.stop();
    await portico.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
