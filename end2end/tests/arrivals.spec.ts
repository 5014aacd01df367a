// Arriving: the waiting list and its screen, and what a code says to a stranger. The clinic's people come by lib/desk.mjs.
import type { Page } from '@playwright/test';
import { problem } from '../lib/booking.js';
import { today } from '../lib/days.mjs';
import { comeToWork, toPart } from '../lib/work.js';
import { looksRight, saysWhatIsWrong } from '../lib/forms.js';
import { expect, test } from '../lib/test.js';

const api = '/api/v1/staff/clinics/riverside';
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

/** Somebody who is expected today, whatever day of the week it is: a manager says why a rule does not count. */
async function expectedToday(page: Page, family: string): Promise<string> {
  const new_patient = { given: 'Ọlábísí', family, birth_date: '1984-02-29' };
  const midday = Date.parse(`${today()}T11:00:00Z`);
  for (let quarter = -16; quarter < 16; quarter += 1) {
    const start = new Date(midday + quarter * 900_000).toISOString();
    const book = (override?: object) => page.request.post(`${api}/appointments`, {
      data: { service: 'vaccination', practitioner: 'nurses', start, new_patient, confirmed_new: true, override },
      headers: { origin: new URL(page.url()).origin, 'idempotency-key': `${family} ${start} ${JSON.stringify(override)}` },
    });
    let answer = await book();
    if (answer.status() === 409) answer = await book({ rule: (await answer.json()).code, why: 'A test' });
    if (answer.status() === 201) return (await answer.json()).id;
  }
  throw new Error('nobody can be put anywhere today');
}

test('somebody comes, is called by a ticket, and the screen goes dark when its link is ended', async ({ page, axe, mailbox, portico, tolerate, browser }) => {
  tolerate(/40[0-9]/);
  await comeToWork(page, portico, mailbox, axe);
  const visit = await expectedToday(page, `Wartend-${process.pid}`);
  await page.goto(`/staff/riverside/visits/${visit}`);
  await press(page, 'Arrived');
  await expect(page.locator('.chip').getByText('arrived')).toBeVisible();
  await axe(page);
  await toPart(page, 'Waiting room');
  await heading(page, 'Waiting room');
  const seen = new Set<string>();
  await looksRight(page, seen);
  await axe(page);
  const row = page.locator('.wait-rows li', { hasText: `Wartend-${process.pid}` });
  const ticket = (await row.locator('.ticket').textContent()) ?? '';
  expect(ticket).toMatch(/^[A-Z] \d{2,3}$/);
  await saysWhatIsWrong(page, page.locator('form[action="/fn/desk-scan"]'), 'Check in');
  await page.getByLabel('The patient’s code').fill('7F3K-9QWX-2M4T-VB6D');
  await press(page, 'Check in');
  await expect(problem(page)).toContainText('No visit has this code');

  await page.goto('/staff/riverside/screen');
  await press(page, /^Make/);
  await axe(page);
  const link = new URL((await page.locator('a.key').getAttribute('href')) ?? '').pathname;
  // A television: no session, no script.
  const context = await browser.newContext({ baseURL: portico.url, javaScriptEnabled: false, viewport: { width: 1920, height: 1080 } });
  const wall = await context.newPage();
  await wall.goto(link);
  await expect(wall.getByText(ticket)).toBeVisible();
  await expect(wall.getByText('Wartend')).toHaveCount(0);
  await page.goto('/staff/riverside/waiting');
  await row.getByRole('button', { name: 'Call in' }).click();
  // By itself, within seconds.
  await expect(wall.locator('.wall-called').getByText(ticket)).toBeVisible({ timeout: 15_000 });
  await row.getByRole('button', { name: 'In the room' }).click();
  await expect(row).toContainText('in the room');
  await axe(page);
  await row.getByRole('button', { name: 'Done' }).click();
  await expect(row).toHaveCount(0);
  await page.goto('/staff/riverside/poster');
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await axe(page);
  await page.goto('/staff/riverside/screen');
  await press(page, 'Switch the screen off');
  await expect(wall.getByText('This screen is switched off')).toBeVisible({ timeout: 15_000 });
  await context.close();
});

test('a stranger learns nothing of a code, nor of a screen', async ({ page, axe, tolerate }) => {
  tolerate(/404/);
  await page.goto('/k/7F3K-9QWX-2M4T-VB6D');
  await heading(page, 'A code for the clinic’s desk');
  await axe(page);
  await page.goto('/screen/nonsense');
  await heading(page, 'This screen is switched off');
  await axe(page);
});
