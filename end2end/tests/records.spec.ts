// An account, its people and their records: profile, family, one's own chart, and getting back in.
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { hidden, problem } from '../lib/booking.js';
import { expect, test } from '../lib/test.js';

/** Any picture. */
const photo = fileURLToPath(new URL('../../public/icons/192.png', import.meta.url));
let accounts = 0;
const address = (name: string) => `${name}-${process.pid}-${(accounts += 1)}@example.com`;
type Mailbox = (wanted: { to?: string; subject?: RegExp; text?: RegExp }) => Promise<{ text: string; subject: string }>;

async function signIn(page: Page, mailbox: Mailbox, email: string, next: string) {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel('Email address').fill(email);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Look in your email' })).toBeVisible();
  await enterCode(page, mailbox, email, 'Sign in');
}

async function enterCode(page: Page, mailbox: Mailbox, to: string, button: string, subject = /is your Portico code/) {
  const code = /\d{3} \d{3}/.exec((await mailbox({ to, subject })).text)?.[0] ?? '';
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: button, exact: true }).click();
}

const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();

test('records that a clinic has are found by who one is, and one tells the clinic about oneself', async ({ page, axe, mailbox }) => {
  // The demo's clinic has a chart of hers, under an older address.
  await signIn(page, mailbox, address('selin'), '/account/records/find?clinic=riverside');
  await heading(page, 'Who are you at this clinic?');
  await axe(page);
  await press(page, 'Look for my records');
  await expect(problem(page)).toContainText('Enter your family name, or your single name');
  await axe(page);
  await page.getByLabel('Given name').fill('selin');
  await page.getByLabel('Family name').fill('AYDIN');
  await page.getByLabel('Day', { exact: true }).fill('29');
  await page.getByLabel('Month', { exact: true }).fill('feb');
  await page.getByLabel('Year', { exact: true }).fill('1984');
  await page.getByLabel('Phone number').fill('030 23125 107');
  await press(page, 'Look for my records');
  await heading(page, 'Look in your email');
  await axe(page);
  await page.getByLabel('Code', { exact: true }).fill('000 000');
  await press(page, 'Connect my records');
  await expect(problem(page)).toContainText('not a code for this page');
  await axe(page);
  await enterCode(page, mailbox, 'selin.old@example.com', 'Connect my records', /connects your Portico account/);
  await expect(page.getByText('Your account is connected')).toBeVisible();
  await axe(page);

  await page.getByRole('link', { name: 'Selin Aydın' }).first().click();
  await heading(page, 'Selin Aydın');
  await axe(page);
  await page.getByRole('link', { name: /^Your address/ }).click();
  await heading(page, 'What is your address?');
  await page.getByLabel('Street and number').fill('');
  await page.getByLabel('Town or city').fill(hidden);
  await press(page, 'Save');
  await expect(problem(page)).toContainText('Enter your street and number');
  await axe(page);
  await expect(page.getByLabel('Town or city')).toHaveValue(hidden);
  await page.getByLabel('Street and number').fill('Seestraße 9');
  await page.getByLabel('Country').selectOption('DE');
  await press(page, 'Save');
  await heading(page, 'Selin Aydın');
  await expect(page.getByText(`Seestraße 9 · 13357 · ${hidden}`)).toBeVisible();

  await page.getByRole('link', { name: /^Your insurance/ }).click();
  await press(page, 'Add the photo');
  await expect(problem(page)).toContainText('Choose a photo of your insurance card');
  await axe(page);
  await page.getByLabel('The front').check();
  await page.getByLabel('Photo', { exact: true }).setInputFiles(photo);
  await press(page, 'Add the photo');
  const card = page.getByRole('img', { name: 'The front of the insurance card' });
  await expect(card).toBeVisible();
  await card.scrollIntoViewIfNeeded();
  await expect(card).toHaveJSProperty('naturalWidth', 192);
  await axe(page);
  await page.getByRole('button', { name: 'Remove the front' }).click();
  await expect(card).toHaveCount(0);
  await page.getByRole('link', { name: 'Back to the overview' }).click();

  await page.getByRole('link', { name: /^Your allergies/ }).click();
  await axe(page);
  await page.getByRole('link', { name: 'Add an allergy' }).click();
  await press(page, 'Add it');
  await expect(problem(page)).toContainText('Enter what you are allergic to');
  await axe(page);
  await page.getByLabel('What you are allergic to').fill('Penicillin');
  await page.getByLabel('Mild: a nuisance').check();
  await press(page, 'Add it');
  await expect(page.getByText('Penicillin. How bad it was: Mild: a nuisance')).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'Remove' }).click();
  await press(page, 'I have no allergies that I know of');
  await expect(page.getByRole('strong').getByText('I have no allergies that I know of')).toBeVisible();

  await page.getByRole('link', { name: 'Back to the overview' }).click();
  await page.getByRole('link', { name: /^Your name/ }).click();
  await page.getByLabel('Family name', { exact: true }).fill('Aydın-Weber');
  await press(page, 'Ask the clinic to change it');
  await expect(page.getByText('The clinic has not answered yet')).toBeVisible();
  await axe(page);
  await page.goto('/home');
  await heading(page, 'Hello, Selin');
  await axe(page);
});

test('somebody is invited to help, accepts, is seen to help, and stops', async ({ page, axe, mailbox, browser, baseURL, javaScriptEnabled }) => {
  const owner = address('owner');
  await signIn(page, mailbox, owner, '/activate');
  await heading(page, 'Connect your records with the code from your letter');
  await axe(page);
  await page.getByLabel('Code from the letter').fill('7F3K');
  await press(page, 'Connect my records');
  await expect(problem(page)).toContainText('The code has 16 letters and digits');
  await expect(problem(page)).toContainText('Choose who the letter is for');
  await axe(page);
  // Booking is the other way to records of one's own.
  const start = await page.request.get('/api/v1/clinics/riverside/availability?service=vaccination&from=' + later(9) + '&to=' + later(20));
  const free = (await start.json()).days.flatMap((day: { starts: { start: string }[] }) => day.starts)[accounts].start;
  const held = await page.request.post('/api/v1/clinics/riverside/holds', { data: { service: 'vaccination', start: free }, headers: { 'sec-fetch-site': 'same-origin' } });
  const hold = await held.json();
  const booked = await page.request.post(`/api/v1/holds/${hold.id}/confirm`, {
    data: { patient: { given: 'Ọlábísí', family: 'Adéyẹmí', birth_date: '1950-01-31', email: owner } },
    headers: { 'sec-fetch-site': 'same-origin', 'hold-token': hold.token, 'idempotency-key': owner },
  });
  expect(booked.status()).toBe(201);
  await page.goto('/account/records');
  await page.getByRole('link', { name: 'Ọlábísí Adéyẹmí' }).click();
  await page.getByRole('link', { name: 'Who else reaches these records' }).click();
  await heading(page, 'Who else reaches your records');
  await axe(page);
  await page.getByRole('link', { name: 'Invite somebody to help' }).click();
  await press(page, 'Send the invitation');
  await expect(problem(page)).toContainText('Choose at least one thing that they may do');
  await axe(page);
  const carer = address('carer');
  await page.getByLabel('Their email address').fill(carer);
  await page.getByLabel('My son or daughter').check();
  await page.getByLabel('Book, move and cancel visits').check();
  await page.getByLabel('Six months').check();
  await press(page, 'Send the invitation');
  await expect(page.getByText('We sent the invitation')).toBeVisible();
  await axe(page);

  const other = await (await browser.newContext({ baseURL, javaScriptEnabled, viewport: page.viewportSize() })).newPage();
  expect((await mailbox({ to: carer, subject: /invited to help/ })).text).not.toContain('Adéyẹmí');
  await signIn(other, mailbox, carer, '/account/records');
  await expect(other.getByText('Somebody asks you to help them')).toBeVisible();
  await axe(other);
  await press(other, 'Accept');
  await other.getByRole('link', { name: 'Ọlábísí Adéyẹmí' }).click();
  await expect(other.getByText(/somebody else’s records/)).toBeVisible();
  await axe(other);
  await other.getByRole('link', { name: 'Ask the clinic for more' }).click();
  await heading(other, 'What more do you need to be able to do?');
  await axe(other);
  await press(other, 'Ask the clinic');
  await expect(problem(other)).toContainText('Say why you need it');
  await axe(other);
  await other.getByLabel('See and pay bills').check();
  await other.getByLabel('Why do you need it?').fill(hidden);
  await other.getByLabel('A paper that shows it').setInputFiles(photo);
  await press(other, 'Ask the clinic');
  await expect(other.getByText('The clinic has not answered yet')).toBeVisible();
  await axe(other);
  await press(other, 'Take it back');
  await expect(other.getByLabel('See and pay bills')).not.toBeChecked();
  await other.goto('/home');
  await expect(other.getByText('Your next visit')).toBeVisible();
  await axe(other);
  await page.reload();
  await expect(page.getByText('Reaches them')).toBeVisible();
  await page.getByRole('button', { name: /^End it/ }).click();
  await expect(page.getByText('It has ended')).toBeVisible();
  await other.goto('/visits');
  await expect(other.getByText('No visit ahead')).toBeVisible();
  await other.context().close();
});

test('a second address and recovery codes get one back in, and a recovery can be stopped', async ({ page, axe, mailbox, browser, baseURL, javaScriptEnabled }) => {
  const first = address('first');
  await signIn(page, mailbox, first, '/account/addresses');
  await heading(page, 'Your email addresses');
  await axe(page);
  await page.getByRole('link', { name: 'Add an address' }).click();
  await axe(page);
  const second = address('second');
  await page.getByLabel('Email address').fill(second);
  await press(page, 'Send a code to it');
  await heading(page, 'Look in the email');
  await axe(page);
  await enterCode(page, mailbox, second, 'Add this address');
  await expect(page.getByText('The address was added')).toBeVisible();
  await axe(page);
  await page.goto('/account/recovery-codes');
  await axe(page);
  await press(page, 'Make recovery codes');
  await heading(page, 'Write these codes down');
  await axe(page);
  const code = (await page.locator('.codes code').first().textContent()) ?? '';
  await press(page, 'I have kept them');
  await expect(page.getByText('You have new recovery codes')).toBeVisible();
  await axe(page);

  const other = await (await browser.newContext({ baseURL, javaScriptEnabled, viewport: page.viewportSize() })).newPage();
  await other.goto('/sign-in');
  await other.getByRole('link', { name: 'I can no longer read my email' }).click();
  await heading(other, 'Get back in with a recovery code');
  await axe(other);
  await press(other, 'Go on');
  await expect(problem(other)).toContainText('Enter the code');
  await axe(other);
  await other.getByLabel('Your old email address').fill(first);
  await other.getByLabel('Recovery code').fill(code.toLowerCase());
  await press(other, 'Go on');
  await heading(other, 'Come back after the waiting time');
  await axe(other);
  const notice = await mailbox({ to: second, subject: /being recovered/ });
  const link = /\/recovery\/\S+/.exec(notice.text)?.[0] ?? '';
  await page.goto('/account');
  await expect(page.getByText('Somebody is recovering this account with a code')).toBeVisible();
  await axe(page);
  await other.goto(link);
  await heading(other, 'Stop the recovery of your account?');
  await axe(other);
  await press(other, 'Stop it');
  await heading(other, 'It is stopped');
  await axe(other);
  await other.context().close();
});

/** A date so many days from now. */
function later(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

test('somebody registers in a few taps, adds a child, and switches between the two', async ({ page, axe, mailbox }) => {
  const email = address('register');
  await signIn(page, mailbox, email, '/c/riverside/register');
  await heading(page, /^Register at/);
  await axe(page);
  await press(page, 'Register');
  await expect(problem(page)).toContainText('Choose who you are registering');
  await axe(page);
  const register = async (who: string, given: string, year: string) => {
    await page.getByLabel(who, { exact: true }).check();
    await page.getByLabel('Given name').fill(given);
    await page.getByLabel('Family name').fill(`Öztürk ${process.pid} ${accounts}`);
    await page.getByLabel('Day', { exact: true }).fill('29');
    await page.getByLabel('Month', { exact: true }).fill('feb');
    await page.getByLabel('Year', { exact: true }).fill(year);
    await press(page, 'Register');
    await heading(page, /Which language do (you|they) like best/);
  };
  await register('Myself', 'Deniz', '1984');
  await expect(page.getByText('Step 2 of 5')).toBeVisible();
  await axe(page);
  await page.getByLabel('Language', { exact: true }).selectOption('tr');
  await press(page, 'Save and continue');
  await heading(page, 'What is the best way to reach you?');
  await press(page, 'Save and continue');
  await expect(problem(page)).toContainText('Choose the best way to reach you');
  await expect(page.getByText('Step 3 of 5')).toBeVisible();
  await page.getByLabel('By a phone call').check();
  await page.getByLabel('No', { exact: true }).check();
  await press(page, 'Save and continue');
  await heading(page, 'Do you need an interpreter?');
  await page.getByRole('link', { name: 'Skip this' }).click();
  await heading(page, 'What would make your visit easier?');
  await page.getByLabel('More time').check();
  await press(page, 'Save and continue');
  await expect(page.getByText('You are registered')).toBeVisible();
  await expect(page.getByText('Turkish').first()).toBeVisible();
  await axe(page);
  await expect(page.getByRole('navigation', { name: 'Viewing' })).toHaveCount(0);

  await page.goto('/c/riverside/register');
  await register('My child', 'Ada', '2020');
  await expect(page.getByText('This is about')).toBeVisible();
  await axe(page);
  for (let step = 2; step <= 5; step += 1) {
    // A slow machine still shows the last page, which has the same link.
    await expect(page.getByText(`Step ${step} of 5`)).toBeVisible();
    await page.getByRole('link', { name: 'Skip this' }).click();
  }
  await expect(page.getByText('Your child is registered')).toBeVisible();
  await axe(page);
  const viewing = page.getByRole('navigation', { name: 'Viewing' });
  await expect(viewing.getByRole('link', { name: 'Ada' })).toHaveAttribute('aria-current', 'true');
  await viewing.getByRole('link', { name: 'You' }).click();
  await heading(page, /^Deniz/);
  await page.goto('/visits');
  await viewing.getByRole('link', { name: 'Ada' }).click();
  await expect(page).toHaveURL(/[?&]person=/);
  await axe(page);
});
