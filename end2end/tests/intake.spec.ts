// What a visit asks before it is booked, and who may not book for themselves.
import { fill, go, keep, problem, prove, somebody, toCheck, toTimes } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { expect, test } from '../lib/test.js';
import { comeToWork } from '../lib/work.js';

test('a visit asks first, says kindly what will not do, and keeps what was answered', async ({ page, axe, mailbox }) => {
  const who = somebody();
  await page.goto(`/c/northgate/book/times?service=mri&with=any&day=${comingMonday(4)}`);
  await expect(page.getByRole('heading', { level: 1, name: 'When suits you?' })).toBeVisible();
  await keep(page, 1);
  await axe(page);
  await fill(page, who);
  await page.getByLabel('I have a referral for this visit').check();
  const implant = page.getByRole('group', { name: /pacemaker/ });
  await implant.getByLabel('Yes').check();
  await go(page);
  await expect(problem(page)).toContainText('Please call us, and we find another way');
  await expect(problem(page)).toContainText('Answer yes or no');
  await expect(page.getByLabel('Given name')).toHaveValue(who.given);
  await expect(implant.getByLabel('Yes')).toBeChecked();
  await axe(page);
  await implant.getByLabel('No').check();
  await page.getByRole('group', { name: 'Do narrow rooms frighten you?' }).getByLabel('Yes').check();
  await go(page);
  await prove(page, mailbox, who);
  await expect(page.getByText('Do narrow rooms frighten you?', { exact: true })).toBeVisible();
  await axe(page);
  await page.getByRole('link', { name: /Change the answer: Do narrow rooms/ }).click();
  await page.getByRole('group', { name: 'Do narrow rooms frighten you?' }).getByLabel('No').check();
  await go(page);
  await page.getByRole('button', { name: /^Ask for / }).click();
  await expect(page).toHaveURL(/\/booked$/);
});

test('whom the clinic stopped reads why, and is let in again', async ({ page, axe, mailbox, portico, browser, baseURL, javaScriptEnabled }) => {
  const patient = await (await browser.newContext({ baseURL, javaScriptEnabled, viewport: page.viewportSize() })).newPage();
  const who = somebody();
  await toTimes(patient, 'vaccination', comingMonday(12));
  await toCheck(patient, mailbox, who, 4);
  await patient.getByRole('button', { name: /^Book / }).click();
  await expect(patient).toHaveURL(/\/booked$/);

  await comeToWork(page, portico, mailbox, axe);
  await page.goto('/staff/riverside/patients');
  await page.getByRole('searchbox').or(page.getByRole('textbox')).first().fill(who.family);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: new RegExp(who.family) }).first().click();
  const chart = page.url();
  await page.getByRole('link', { name: 'Stop online booking' }).click();
  await axe(page);
  await page.getByRole('button', { name: 'Stop online booking' }).click();
  await expect(problem(page)).toContainText('Say why');
  await axe(page);
  await page.getByLabel('Why? The patient reads this').fill('please ring us about your last visits');
  await page.getByRole('button', { name: 'Stop online booking' }).click();
  await expect(page.getByText('Cannot book online')).toBeVisible();
  await axe(page);

  await toTimes(patient, 'blood-draw', comingMonday(12));
  await keep(patient, 5);
  await patient.getByLabel(`Amira ${who.family}`).check();
  await go(patient);
  await patient.getByRole('button', { name: /^Book / }).click();
  await expect(patient.getByText('please ring us about your last visits')).toBeVisible();
  await axe(patient);

  await page.goto(chart);
  await page.getByRole('link', { name: 'Change or end the stop of online booking' }).click();
  await axe(page);
  await page.getByRole('button', { name: 'Let them book online again' }).click();
  await expect(page.getByText('They can book for themselves again')).toBeVisible();
  await patient.getByRole('button', { name: /^Book / }).click();
  await expect(patient).toHaveURL(/\/booked$/);
  await patient.context().close();
});
