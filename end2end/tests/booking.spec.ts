// Booking a visit, step by step.
import type { Locator } from '@playwright/test';
import { another, awake, bookButton, choose, continueButton, fill, go, hidden, isBooked, keep, problem, prove, somebody, toCheck, toTimes } from '../lib/booking.js';
import { comingMonday, sundayBefore } from '../lib/days.mjs';
import { expect, test } from '../lib/test.js';

test('a visit is booked, step by step, from the list of visits to the confirmation', async ({ page, axe, mailbox, javaScriptEnabled }) => {
  const who = somebody();
  await page.goto('/c/riverside/book');
  await expect(page).toHaveTitle(/Choose a visit.*Riverside/);
  await axe(page);
  await page.getByRole('link', { name: /Check-up .*ages 18 and over/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Who would you like to see?' })).toBeVisible();
  await axe(page);
  await page.getByRole('link', { name: /^Anyone Earliest time/ }).click();
  await expect(page.getByText(/All times are clinic time \(Berlin\)/)).toBeVisible();
  await expect(page.getByRole('link', { name: /^(\w+, )?(\w+day) \d+ \w+, \d+ times? free$/ }).first()).toBeVisible();
  await axe(page);
  // A day with room: late in the day, today has one time left, and the projects would take it from each other.
  await page.getByRole('link', { name: /, \d{2,} times free$/ }).first().click();
  await expect(page).toHaveURL(/[?&]day=/);
  if (javaScriptEnabled) await awake(page);
  const { label } = await choose(page, 1);
  if (javaScriptEnabled) await expect(continueButton(page)).toHaveText(new RegExp(`Continue with \\w{3} \\d+ \\w{3}, ${label}`));
  else await expect(continueButton(page)).toHaveText('Continue with the chosen time');
  await continueButton(page).click();
  await expect(page.getByText(/^Kept for you until \d+:\d\d \(Berlin time\)/)).toBeVisible();
  await axe(page);
  await fill(page, who);
  await page.getByLabel(/What is the visit about/).fill('Ear ache\nsince Monday');
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Check your email' })).toBeVisible();
  await axe(page);
  await prove(page, mailbox, who);
  await expect(page.getByText(`Amira ${who.family}`)).toBeVisible();
  await expect(page.getByText('since Monday')).toBeVisible();
  await expect(page.getByText(/€ 95\.50/)).toBeVisible();
  await expect(page.getByText(/You can move or cancel it online until 24 hours before|It begins soon: once it is booked, it cannot be moved or cancelled online/)).toBeVisible();
  await axe(page);
  await expect(bookButton(page)).toHaveText(new RegExp(`^Book \\w{3} \\d+ \\w{3}, ${label}$`));
  await bookButton(page).click();
  await isBooked(page);
  await expect(page.getByRole('heading', { level: 1, name: /booked/i })).toBeVisible();
});

test('the whole booking is done with the keyboard alone', async ({ page, mailbox }) => {
  const who = somebody();
  const to = async (target: Locator) => {
    for (let n = 0; n < 90; n += 1) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`Tab does not lead to ${target}`);
  };
  await page.goto('/c/riverside/book');
  await to(page.getByRole('link', { name: /^Vaccination/ }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'When suits you?' })).toBeVisible();
  await to(page.getByRole('link', { name: 'Later days' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Earlier days' })).toBeVisible();
  await to(page.locator('.day:not(.day-none)').first());
  await page.keyboard.press('Enter');
  await to(page.locator('#start'));
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('input[name=start]').nth(1)).toBeChecked();
  await to(continueButton(page));
  await page.keyboard.press('Enter');
  await to(page.getByLabel('Me', { exact: true }));
  await page.keyboard.press('Space');
  for (const [label, text] of [['Given name', who.given], ['Family name', who.family], ['Day', '31'], ['Month', '3'], ['Year', '1984'], ['Your email address', who.email]]) {
    await to(page.getByLabel(label, { exact: true }));
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  const mail = await mailbox({ to: who.email, text: /\d{3}[ -]?\d{3}/ });
  await to(page.getByLabel('Code'));
  await page.keyboard.type(/\d{3}[ -]?\d{3}/.exec(mail.text)?.[0] ?? '');
  await page.keyboard.press('Enter');
  await to(bookButton(page));
  await page.keyboard.press('Enter');
  await isBooked(page);
});

test('mistakes are listed, linked and kept together with everything typed', async ({ page, axe }) => {
  await toTimes(page);
  await continueButton(page).click();
  await expect(problem(page)).toContainText('Choose a time');
  await expect(page).toHaveTitle(/^Error: /);
  await axe(page);
  await keep(page, 2);
  await page.getByLabel('Given name').fill('Amira');
  await page.getByLabel('Month', { exact: true }).fill('3');
  await page.getByLabel('Year', { exact: true }).fill('1984');
  await page.getByLabel('Your email address').fill('amira@example');
  await page.getByLabel(/Phone number/).fill('12');
  await page.getByLabel(/What is the visit about/).fill('Line one\nline two');
  await go(page);
  await expect(page).toHaveTitle(/^Error: /);
  await expect(problem(page).getByRole('link')).toHaveText([
    'Choose who the visit is for',
    'Enter the family name. A single name goes here, too',
    'Date of birth must include a day',
    'Enter an email address in the correct format, like name@example.com',
    'Enter a phone number, like 030 901820 or +49 30 901820',
  ]);
  await axe(page);
  await problem(page).getByRole('link', { name: /must include a day/ }).click();
  await expect(page.getByLabel('Day', { exact: true })).toBeFocused();
  await expect(page.getByLabel('Given name')).toHaveValue('Amira');
  await expect(page.getByLabel('Your email address')).toHaveValue('amira@example');
  await expect(page.getByLabel(/What is the visit about/)).toHaveValue('Line one\nline two');
  await page.reload();
  await expect(problem(page), 'the scolding is not repeated').toHaveCount(0);
  await expect(page.getByLabel('Given name')).toHaveValue('Amira');
});

test('what is typed cannot become part of the page, and names of any script and length are kept', async ({ page, mailbox }) => {
  const who = { ...somebody(), given: `${hidden} عائشة`, family: `Ünïçødé-${'x'.repeat(100)}` };
  await toTimes(page, 'blood-draw');
  await keep(page);
  await fill(page, who);
  await page.getByLabel(/Phone number/).fill(hidden);
  await page.getByLabel(/What is the visit about/).fill(hidden);
  await go(page);
  await expect(problem(page)).toBeVisible();
  for (const [label, text] of [['Given name', who.given], ['Phone number (optional)', hidden], ['What is the visit about? (optional)', hidden]]) {
    await expect(page.getByLabel(label)).toHaveValue(text);
  }
  await page.getByLabel(/Phone number/).fill('');
  await go(page);
  await prove(page, mailbox, who);
  await expect(page.getByText(who.given)).toBeVisible();
  expect(await page.locator('b[onmouseover], main script').count()).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing sticks out').toBe(true);
  await bookButton(page).click();
  await isBooked(page);
});

test('a change on the last page comes straight back to it', async ({ page, mailbox }) => {
  await toTimes(page, 'vaccination', comingMonday(10));
  await toCheck(page, mailbox);
  await page.getByRole('link', { name: 'Change time' }).click();
  const { label } = await choose(page, 5);
  await continueButton(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Is everything right?' })).toBeVisible();
  await expect(bookButton(page)).toHaveText(new RegExp(`, ${label}$`));
  await page.getByRole('link', { name: 'Change what the visit is about' }).click();
  await page.getByLabel(/What is the visit about/).fill('Measles');
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Is everything right?' })).toBeVisible();
  await expect(page.getByText('Measles')).toBeVisible();
});

test('whoever is signed in chooses a person, or names somebody else', async ({ page, axe, mailbox }) => {
  const who = somebody();
  await toTimes(page, 'vaccination', comingMonday(11));
  await toCheck(page, mailbox, who);
  await bookButton(page).click();
  await isBooked(page);
  await toTimes(page, 'blood-draw', comingMonday(11));
  await keep(page, 2);
  await axe(page);
  await go(page);
  await expect(problem(page)).toContainText('Choose who the visit is for');
  await page.getByLabel('Somebody else').check();
  await page.getByLabel(/What is the visit about/).fill('For my daughter');
  await go(page);
  await expect(page.getByRole('group', { name: 'Who are they to you?' })).toBeVisible();
  await axe(page);
  await page.getByLabel('My child').check();
  await page.getByLabel('Given name').fill('Leo');
  await page.getByLabel('Family name').fill(who.family);
  await page.getByLabel('Day', { exact: true }).fill('1');
  await page.getByLabel('Month', { exact: true }).fill('2');
  await page.getByLabel('Year', { exact: true }).fill('2018');
  await go(page);
  await expect(page.getByText(`Leo ${who.family}`)).toBeVisible();
  await expect(page.getByText('For my daughter')).toBeVisible();
  await page.getByRole('link', { name: 'Change who the visit is for' }).click();
  await page.getByLabel(`Amira ${who.family}`).check();
  await go(page);
  await expect(page.getByText(`Amira ${who.family}`)).toBeVisible();
  await bookButton(page).click();
  await isBooked(page);
});

test('a visit at the same time as another of one’s own is refused with what to do', async ({ page, axe, mailbox }) => {
  const day = comingMonday(12);
  const who = somebody();
  await toTimes(page, 'vaccination', day);
  const { start } = await toCheck(page, mailbox, who, 2);
  await bookButton(page).click();
  await isBooked(page);
  await page.goto(`/c/riverside/book/times?service=new-patient&with=any&day=${day}&start=${start}`);
  await continueButton(page).click();
  await page.getByLabel(`Amira ${who.family}`).check();
  await go(page);
  await bookButton(page).click();
  await expect(problem(page)).toContainText('You have another visit then');
  await expect(problem(page).getByRole('link', { name: 'See your visits' })).toBeVisible();
  await axe(page);
  await expect(page.getByText(`Amira ${who.family}`), 'nothing is lost').toBeVisible();
});

test('who may have a visit is asked before anything is booked', async ({ page }) => {
  await page.goto(`/c/riverside/book/times?service=child-check&with=any&day=${comingMonday(5)}`);
  await keep(page);
  await fill(page, somebody());
  await go(page);
  await expect(problem(page)).toContainText('This visit is for people aged 17 or younger.');
  await page.goto(`/c/northgate/book/times?service=x-ray&with=any`);
  await keep(page);
  await fill(page, somebody());
  await go(page);
  await expect(problem(page)).toContainText('You need a referral for this visit.');
  await page.getByLabel(/I have a referral/).check();
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Check your email' })).toBeVisible();
});

test('a slip in an address is pointed out and mended with one tap', async ({ page, axe, mailbox }) => {
  const who = somebody();
  const typed = who.email.replace('example.com', 'gmial.com');
  const meant = { ...who, email: who.email.replace('example.com', 'gmail.com') };
  await toTimes(page, 'vaccination', comingMonday(5));
  await keep(page, 1);
  await fill(page, { ...who, email: typed });
  await go(page);
  await expect(page.getByText(`Did you mean ${meant.email}?`)).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'Yes, send the code there' }).click();
  await expect(page.getByText('We sent a new code.')).toBeVisible();
  await page.getByLabel('Code').fill('000 000');
  await go(page);
  await expect(problem(page)).toContainText(/You can try 4 more times/);
  await prove(page, mailbox, meant);
  await expect(page.getByText(meant.email)).toBeVisible();
});

test('a day without free times says why and leads to the next one', async ({ page, axe }) => {
  const sunday = sundayBefore(4);
  await page.goto(`/c/riverside/book/times?service=vaccination&with=any&day=${sunday}`);
  await expect(page.getByText('Nothing is free on this day.')).toBeVisible();
  await axe(page);
  await page.getByRole('link', { name: /^Next free: Mon / }).click();
  await expect(page.locator('input[name=start]').first()).toBeChecked();
  await page.getByRole('link', { name: /See what is blocked|Why not another time/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Why not another time on Monday/ })).toBeVisible();
  await axe(page);
  await page.getByRole('link', { name: 'Back to the times' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'When suits you?' })).toBeVisible();
});

test('nothing sticks out on a narrow phone, and dark pages have enough contrast', async ({ page, axe }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: 'dark' });
  const fits = async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth), page.url()).toBeLessThanOrEqual(320);
    await axe(page);
  };
  await page.goto('/c/northgate/book');
  await fits();
  await page.goto('/c/northgate/book/times?service=physio-class&with=any');
  await expect(page.locator('.slot-note').first()).toHaveText(/places? left|last place/);
  await fits();
  await keep(page);
  await fits();
  await go(page);
  await fits();
});

test('a visit is moved through the same times, and keeps its old one until the end', async ({ page, axe, mailbox }) => {
  await toTimes(page, 'vaccination', comingMonday(9));
  await toCheck(page, mailbox, somebody(), 3);
  await bookButton(page).click();
  await isBooked(page);
  const visit = new URL(page.url()).pathname.split('/')[2];
  await page.goto(`/visits/${visit}/move`);
  await expect(page.getByText(/^Your visit is now on/)).toBeVisible();
  await page.goto(`${page.url()}&day=${comingMonday(10)}`);
  await axe(page);
  await choose(page, 6);
  await continueButton(page).click();
  await expect(page).toHaveURL(new RegExp(`/visits/${visit}/move/[0-9a-f-]{36}$`));
});
