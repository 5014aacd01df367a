// Single sign-on: from the clinic's own page to the employer's and back to the desk, with and without a script.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startPortico } from '../lib/portico.mjs';
import { client, signOnFile, startProvider } from '../lib/provider.mjs';
import { expect, test } from '../lib/test.js';

const heading = (page: Page, name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled });

    test('an employer’s sign-in opens the desk, and opens it again when it locked', async ({ page, axe, tolerate }) => {
      // The employer's page is only the tests'.
      tolerate(/favicon/);
      const portico = await startPortico();
      const provider = await startProvider({ sub: 'kim', name: 'Kim Example', groups: ['desk'] });
      const folder = mkdtempSync(join(tmpdir(), 'portico-sso-'));
      try {
        const file = join(folder, 'sso.toml');
        const secret = join(folder, 'secret');
        writeFileSync(file, signOnFile(provider));
        writeFileSync(secret, client.secret);
        portico.run(['sso', 'set', file, '--clinic', 'riverside', '--secret-file', secret]);

        await page.goto(`${portico.url}/staff/northgate/schedule`);
        await heading(page, 'What is your email address?');
        await expect(page.getByText('Riverside ID')).toHaveCount(0);

        await page.goto(`${portico.url}/staff/riverside/schedule`);
        await heading(page, 'Sign in to work');
        await axe(page);
        await page.getByRole('link', { name: 'Sign in with Riverside ID' }).click();
        await heading(page, 'Employer');
        await page.getByRole('link', { name: 'I am Kim Example' }).click();
        await expect(page.locator('#board')).toBeVisible();
        await expect(page).toHaveURL(/\/staff\/riverside\/schedule$/);
        // On a phone it stands in the menu.
        await expect(page.getByText('Front desk').first()).toBeAttached();

        await page.getByRole('button', { name: 'Lock' }).click();
        await heading(page, 'The desk is locked');
        await axe(page);
        await page.getByRole('link', { name: 'Sign in with Riverside ID' }).click();
        await expect(page).toHaveURL(/prompt=login/);
        await page.getByRole('link', { name: 'I am Kim Example' }).click();
        await expect(page.locator('#board')).toBeVisible();

        // What is private is not the employer's.
        await page.goto(`${portico.url}/visits`);
        await heading(page, 'What is your email address?');

        await page.goto(`${portico.url}/staff/sign-on/back?state=x&code=y`);
        await heading(page, 'Sign in to work');
        await expect(page.locator('.problem')).toContainText('was used already');
        await axe(page);
      } finally {
        await page.close();
        provider.stop();
        await portico.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
