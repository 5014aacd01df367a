// A board whose connection is lost says so, and is right when it is there again.
import { comingMonday } from '../../lib/days.mjs';
import { comeToWork } from '../../lib/work.js';
import { expect, test } from '../../lib/test.js';

test('a board tells that it is not live, and catches up', async ({ page, context, axe, mailbox, portico, tolerate }) => {
  tolerate(/40[13]|ERR_INTERNET_DISCONNECTED/);
  await comeToWork(page, portico, mailbox, axe);
  const day = comingMonday(4);
  await page.goto(`/staff/riverside/schedule?day=${day}`);
  const told = page.getByRole('alert').filter({ hasText: 'The connection is lost' });
  await expect(page.locator('#board')).toBeVisible();
  await context.setOffline(true);
  await expect(told).toBeVisible();
  await axe(page);
  // Somebody closes a time meanwhile.
  const closed = await page.request.post('/api/v1/staff/clinics/riverside/blocks', {
    headers: { origin: new URL(page.url()).origin, 'idempotency-key': 'live' },
    data: { resource: 'weber', start: `${day}T07:00:00Z`, end: `${day}T07:30:00Z`, note: 'Fire drill' },
  });
  expect(closed.status(), await closed.text()).toBe(201);
  await expect(page.getByText('Fire drill')).toHaveCount(0);
  await context.setOffline(false);
  await expect(told).toHaveCount(0);
  await expect(page.getByText('Fire drill').first()).toBeVisible();
});

test('a desk that locked while its connection was cut is not read on', async ({ page, context, axe, mailbox, portico, tolerate }) => {
  tolerate(/40[13]|ERR_INTERNET_DISCONNECTED/);
  await comeToWork(page, portico, mailbox, axe);
  // A page without a board, which asks for nothing by itself.
  await page.goto('/staff/riverside/hours');
  await page.waitForLoadState('networkidle');
  await context.setOffline(true);
  await expect(page.getByRole('alert').filter({ hasText: 'The connection is lost' })).toBeVisible();
  const locked = await page.request.post('/fn/staff-lock', { form: { next: '' }, headers: { origin: new URL(page.url()).origin }, maxRedirects: 0 });
  expect(locked.status()).toBe(303);
  await context.setOffline(false);
  await expect(page.getByRole('heading', { level: 1, name: 'The desk is locked' })).toBeVisible({ timeout: 30_000 });
});
