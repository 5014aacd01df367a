// Hours changed on screen: a clinician's day off, whose visit loses its place by it, and the patient's one tap.
import type { Page } from '@playwright/test';
import { another, bookButton, isBooked, problem, somebody, toCheck, toTimes } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { looksRight, saysWhatIsWrong } from '../lib/forms.js';
import { expect, test } from '../lib/test.js';
import { comeToWork, toPart } from '../lib/work.js';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

test('a closure is rehearsed, and a patient takes another time with one tap', async ({ page, axe, mailbox, portico, browser, baseURL, javaScriptEnabled }) => {
  const day = comingMonday(6);
  const who = somebody();
  const patient = await another(browser, page.context(), baseURL ?? '', javaScriptEnabled ?? true);
  await toTimes(patient, 'vaccination', day);
  await toCheck(patient, mailbox, who);
  await bookButton(patient).click();
  await isBooked(patient);
  const visit = new URL(patient.url()).pathname.replace('/booked', '');

  await comeToWork(page, portico, mailbox, axe);
  const seen = new Set<string>();
  await toPart(page, 'Hours');
  await heading(page, 'Hours');
  await axe(page);
  await page.getByRole('link', { name: 'Closures and holidays' }).click();
  await heading(page, 'Closures and holidays');
  await axe(page);
  await page.getByRole('link', { name: 'Close the clinic' }).click();
  await looksRight(page, seen);
  await saysWhatIsWrong(page, page.locator('form[action="/fn/hours-closure"]'), 'See what would come of it');
  await axe(page);
  await page.getByLabel('First day closed').fill(day);
  await page.getByLabel('Last day closed').fill('');
  await page.getByLabel('Why').fill('Staff training');
  await press(page, 'See what would come of it');
  await heading(page, 'What this change would do');
  await expect(page.getByRole('link', { name: `${who.given} ${who.family}` })).toBeVisible();
  await looksRight(page, seen);
  await axe(page);
  await press(page, 'Make the change');
  await expect(problem(page)).toContainText('Choose what becomes of the visits');
  await axe(page);
  await page.getByLabel('Offer other times', { exact: false }).first().check();
  await press(page, 'Make the change');
  await heading(page, 'Visits that need a new time');
  await expect(page.getByRole('link', { name: `${who.given} ${who.family}` })).toBeVisible();
  await axe(page);

  const mail = await mailbox({ to: who.email, subject: /needs a new time/ });
  expect(mail.text).not.toContain('Staff training');
  await patient.goto(visit);
  await expect(patient.getByText('This visit needs a new time')).toBeVisible();
  await axe(patient);
  await patient.goto('/home');
  await expect(patient.getByText('Your visit needs a new time')).toBeVisible();
  await axe(patient);
  await patient.getByRole('link', { name: /Your visit needs a new time/ }).click();
  await press(patient, /^Take /);
  await expect(patient.getByText('Your visit was moved')).toBeVisible();
  await axe(patient);
  await page.goto('/staff/riverside/new-times');
  await expect(page.getByText(`${who.given} ${who.family}`)).toHaveCount(0);

  // What was closed is opened again, so that other tests find it as it was.
  await page.goto('/staff/riverside/hours/closures');
  await page.getByRole('listitem').filter({ hasText: 'Staff training' }).getByRole('button', { name: /^Remove/ }).click();
  await heading(page, 'What this change would do');
  await press(page, 'Make the change');
  await expect(page.getByText('The change holds now')).toBeVisible();
});

test('weeks, leave and settings ask and answer like every form', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  const seen = new Set<string>();
  const form = (action: string) => page.locator(`form[action="/fn/${action}"]`).last();
  const whose = '/staff/riverside/hours/of/weber';
  await page.goto(whose);
  await axe(page);
  for (const [path, action, refuses] of [
    [`${whose}/week?period=new`, 'hours-week', true],
    [`${whose}/away`, 'hours-away', true],
  ] as const) {
    await page.goto(path);
    await looksRight(page, seen);
    await saysWhatIsWrong(page, form(action), 'See what would come of it', refuses);
    await axe(page);
  }
  await page.goto('/staff/riverside/hours/settings');
  await axe(page);
  await page.getByRole('link').filter({ hasText: 'All inherited' }).first().click();
  await looksRight(page, seen);
  await page.getByLabel('Length of a visit').fill('7 min');
  await press(page, 'See what would come of it');
  await expect(problem(page)).toContainText('is not a multiple of 5 min');
  await expect(page.getByLabel('Length of a visit')).toHaveValue('7 min');
  await axe(page);
  // Leave far ahead touches nobody, holds at once, and is taken back.
  await page.goto(`${whose}/away`);
  await page.getByLabel('First day').fill('2031-12-22');
  await page.getByLabel('Last day').fill('2031-12-24');
  await press(page, 'See what would come of it');
  await expect(page.getByText('Nobody would lose their place')).toBeVisible();
  await axe(page);
  await press(page, 'Make the change');
  await expect(page.getByText('The change holds now')).toBeVisible();
  await page.goto(whose);
  await press(page, /^Remove Mon 22 to Wed 24 December 2031/);
  await press(page, 'Make the change');
  await expect(page.getByText('The change holds now')).toBeVisible();
});

test('a single day has settings of its own', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  const day = comingMonday(11);
  await page.goto('/staff/riverside/hours/of/weber/away');
  await page.getByLabel('First day').fill(day);
  await page.getByLabel('Other hours').check();
  await page.getByLabel('Hours', { exact: true }).fill('9:00-12:00');
  await page.getByLabel('What patients read').fill('Long consultations');
  await press(page, 'See what would come of it');
  await press(page, 'Make the change');
  await page.goto('/staff/riverside/hours/of/weber');
  await axe(page);
  await page.getByRole('link', { name: /^Settings of/ }).last().click();
  await axe(page);
  await page.getByLabel('Length of a visit').fill('soon');
  await press(page, 'See what would come of it');
  await expect(problem(page)).toContainText('"soon" is not a length of time');
  await axe(page);
  await page.getByLabel('Length of a visit').fill('45 min');
  await press(page, 'See what would come of it');
  await expect(page.getByText('Length of a visit: 45 min')).toBeVisible();
  await press(page, 'Make the change');
  await page.goto('/staff/riverside/hours/settings');
  await expect(page.getByRole('link', { name: /^Dr Jonas Weber, Mon .* Length of a visit: 45 min/ })).toBeVisible();
  await axe(page);
});
