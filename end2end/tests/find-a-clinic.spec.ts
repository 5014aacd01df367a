import { expect, test } from '../lib/test.js';

test('the first page lists the clinics to choose from', async ({ page, axe }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('main a[href^="/c/"]')).toHaveCount(3);
  await axe(page);
});
