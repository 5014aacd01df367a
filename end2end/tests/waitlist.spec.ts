// Waiting for a time: joining from a day on which nothing is free, and taking what is offered with one tap in the mail; then
// the clinic's list with its reasons. With and without a script.
import type { Page } from '@playwright/test';
import { problem, somebody } from '../lib/booking.js';
import { sundayBefore } from '../lib/days.mjs';
import { looksRight } from '../lib/forms.js';
import { expect, test } from '../lib/test.js';
import { comeToWork, openMenu } from '../lib/work.js';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
type Mailbox = (wanted: { to: string; subject?: RegExp; text?: RegExp }) => Promise<{ text: string }>;

/** Nobody is asked at night: of the three clinics around the world, one where it is day. */
function whereItIsDay(): { clinic: string; service: string } {
  const clinics = [['Europe/Berlin', 'riverside', 'blood-draw'], ['America/New_York', 'northgate', 'dermatology'], ['Australia/Adelaide', 'harbour', 'dental-clean']];
  const hour = (zone: string) => Number(new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' }).format(new Date()));
  const [, clinic, service] = clinics.find(([zone]) => hour(zone) >= 7 && hour(zone) < 20) ?? clinics[0];
  return { clinic, service };
}

async function signIn(page: Page, mailbox: Mailbox, to: string) {
  await page.getByLabel('Email address').fill(to);
  await press(page, 'Send me a code');
  const code = /\d{3} \d{3}/.exec((await mailbox({ to, subject: /is your Portico code/ })).text)?.[0] ?? '';
  await page.getByLabel('Code', { exact: true }).fill(code);
  await press(page, 'Sign in');
}

async function join(page: Page, mailbox: Mailbox, axe: (page: Page) => Promise<void>) {
  const { clinic, service } = whereItIsDay();
  const who = somebody();
  await page.goto(`/c/${clinic}/book/times?service=${service}&with=any&day=${sundayBefore(2)}`);
  await expect(page.getByText('Nothing is free on this day.')).toBeVisible();
  await axe(page);
  await page.getByRole('link', { name: 'Wait for a time' }).click();
  await signIn(page, mailbox, who.email);
  await heading(page, 'What would suit you?');
  await axe(page);
  await looksRight(page, new Set());
  await press(page, 'Join the waitlist');
  await expect(problem(page)).toContainText('Choose who it is for');
  await axe(page);
  await page.getByLabel('Me', { exact: true }).check();
  await page.getByLabel('Given name').fill(who.given);
  await page.getByLabel('Family name').fill(who.family);
  await page.getByLabel('Day', { exact: true }).first().fill('31');
  await page.getByLabel('Month', { exact: true }).first().fill('mar');
  await page.getByLabel('Year', { exact: true }).first().fill('1984');
  await page.getByLabel('1 day before').check();
  await press(page, 'Join the waitlist');
  await heading(page, /Your place on the waitlist|A time for you/);
  return who;
}

for (const script of [true, false]) {
  test.describe(script ? 'with a script' : 'without a script', () => {
    test.use({ javaScriptEnabled: script });

    test('somebody waits, and takes a time with one tap', async ({ page, axe, mailbox }) => {
      const who = await join(page, mailbox, axe);
      await axe(page);
      const mail = await mailbox({ to: who.email, subject: /^A time is free/ });
      const link = /\/w\/\S+/.exec(mail.text)?.[0] ?? '';
      await page.goto('/home');
      await expect(page.getByText('A time is kept for you').first()).toBeVisible();
      await axe(page);
      await page.context().clearCookies();
      await page.goto(link);
      await heading(page, 'A time for you');
      await axe(page);
      await press(page, 'Take this time');
      await expect(page).toHaveURL(/\/visits\/[0-9a-f-]{36}\/booked$/);
      await page.goto(link);
      await expect(page.getByText('You took the time')).toBeVisible();
    });

    test('somebody passes a time on, has other wishes, and leaves', async ({ page, axe, mailbox }) => {
      const who = await join(page, mailbox, axe);
      const mail = await mailbox({ to: who.email, subject: /^A time is free/ });
      await page.goto(/\/w\/\S+/.exec(mail.text)?.[0] ?? '');
      await press(page, 'No, it does not suit me');
      await expect(page.getByText('You passed the time on')).toBeVisible();
      await axe(page);
      await page.goto('/visits');
      await expect(page.getByRole('heading', { name: 'Waiting for a time' })).toBeVisible();
      await page.locator('a[href^="/waitlist/"]').first().click();
      await page.waitForLoadState();
      await page.goto(`${new URL(page.url()).pathname}/wishes`);
      await heading(page, 'What would suit you?');
      await axe(page);
      await looksRight(page, new Set());
      await page.getByLabel('1 week before').check();
      await page.getByLabel('Sunday').check();
      await press(page, 'Save');
      await expect(page.getByText('Your wishes are changed')).toBeVisible();
      await expect(page.getByText(/^Sundays, at any time/)).toBeVisible();
      await page.getByText('Leave the waitlist', { exact: true }).click();
      await press(page, 'Yes, leave the waitlist');
      await expect(page.getByText('You left the list.')).toBeVisible();
      await axe(page);
    });
  });
}

test('the clinic sees who is next and why, and may have it otherwise', async ({ page, axe, mailbox, portico, tolerate }) => {
  tolerate(/40[13]/);
  await comeToWork(page, portico, mailbox, axe);
  await page.goto('/staff/riverside/waitlist');
  await heading(page, 'Waitlist');
  // Those of the demo: an urgent one before whoever has waited longer.
  const names = page.locator('.desk-table tbody th');
  await expect(names.first()).toHaveText('Osman Yıldız');
  await openMenu(page);
  await expect(page.getByRole('link', { name: /^Waitlist \d+ waiting$/ })).toBeVisible();
  await axe(page);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 390, height: 844 });
  await axe(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('link', { name: 'Wanda Kowal' }).click();
  await heading(page, 'Wanda Kowal');
  await expect(page.getByText(/^Has waited \d+ days\.$/)).toBeVisible();
  await axe(page);
  await looksRight(page, new Set());
  await page.getByText('Change the priority').click();
  await page.getByLabel('Soon', { exact: true }).check();
  await press(page, 'Set the priority');
  await expect(problem(page)).toContainText('Say why');
  await axe(page);
  await page.getByLabel('Why', { exact: true }).first().fill('Stitches out');
  await press(page, 'Set the priority');
  await expect(page.getByText('Soon: counts 14 days more.')).toBeVisible();
});
