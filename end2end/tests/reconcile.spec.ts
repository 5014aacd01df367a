// Reconciling the clinic's own calendar: by keyboard, without a script, and on a phone.
import { comeToWork } from '../lib/work.js';
import { problem } from '../lib/booking.js';
import { expect, test } from '../lib/test.js';

test.describe.configure({ timeout: 120_000 });

test('cards are answered, a calendar is set up, and its mistakes are told', async ({ page, portico, mailbox, axe }) => {
  await comeToWork(page, portico, mailbox, axe);
  await page.goto('/staff/riverside/reconcile');
  await expect(page.getByRole('heading', { level: 1, name: 'Reconcile' })).toBeVisible();
  await axe(page);
  const conflict = page.locator('.reconcile-conflict').first();
  await expect(conflict).toContainText('Ruiz, Elena');
  await expect(conflict.locator('.hint').first()).toContainText('is told by message');
  await conflict.getByText('More…').click();
  await axe(page);
  const before = await page.locator('.reconcile-card').count();
  // By keyboard alone: to the suggested answer, and pressed.
  await conflict.getByRole('button', { name: /^Move / }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('It is done')).toBeVisible();
  await expect(page.locator('.reconcile-card')).toHaveCount(before - 1);
  await page.goto('/staff/riverside/calendars/new');
  await axe(page);
  await page.getByRole('button', { name: 'Begin to read it' }).click();
  await expect(problem(page)).toContainText('Enter what the calendar is called');
  await expect(problem(page)).toContainText('Enter the address of the calendar');
  await page.getByLabel('What it is called').fill('Exports');
  await page.getByLabel('Tables (CSV) that you bring').check();
  await page.getByRole('button', { name: 'Begin to read it' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exports' })).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'Read the file' }).click();
  await expect(problem(page)).toContainText('Choose a file');
  const table = 'Date;Start;End;Doctor;Patient\n2031-03-03;09:00;10:00;Dr Nobody;\n';
  await page.locator('#file').setInputFiles({ name: 'week.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await page.getByRole('button', { name: 'Read the file' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'What its columns are' })).toBeVisible();
  await axe(page);
  await page.getByLabel('Doctor').selectOption({ label: 'Nothing that is needed' });
  await page.getByLabel('Patient', { exact: true }).selectOption({ label: 'Start: the time' });
  await page.getByRole('button', { name: 'Keep it, and read the table' }).click();
  await expect(problem(page)).toContainText('Another column is this already');
  await axe(page);
  await page.getByLabel('Doctor').selectOption({ label: 'Whose time it is: person or room' });
  await page.getByLabel('Patient', { exact: true }).selectOption({ label: 'Patient: full name' });
  await page.getByRole('button', { name: 'Keep it, and read the table' }).click();
  await expect(page.getByText('The file was read')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Names in it' })).toBeVisible();
  await page.getByLabel('“Dr Nobody” is').selectOption('nobody');
  await page.getByRole('button', { name: 'Keep' }).click();
  await expect(page.getByText('The names are kept')).toBeVisible();
  await axe(page);
});
