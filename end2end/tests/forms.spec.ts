// Every form of the portal keeps to the same rules, whoever wrote it: lib/forms.ts says which.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { somebody, fill, go, keep, prove, toTimes, bookButton, choose } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { looksRight, saysWhatIsWrong, wrong } from '../lib/forms.js';
import { expect, test } from '../lib/test.js';

/** Sent by a button alone, or by a script: nothing is filled in. */
const buttons = new Set([
  'accept-time', 'address-main', 'address-remove', 'ask-withdraw', 'book-code-again', 'calendar-accept', 'calendar-link', 'calendar-link-end',
  'calendar-name', 'calendar-read', 'calendar-remove', 'card-photo-remove', 'confirm', 'desk-match', 'desk-new-time', 'desk-screen', 'desk-step', 'desk-unblock', 'desk-unmerge', 'device-end',
  'devices-end', 'free-times', 'glass-end', 'grant-end', 'here', 'hold-again', 'hours-apply', 'hours-back', 'hours-closure-remove',
  'hours-period-remove', 'invite-accept', 'invite-decline', 'invite-withdraw', 'keep', 'keep-move', 'move', 'passkey-ask', 'passkey-keep',
  'passkey-offer', 'passkey-prove', 'passkey-remove', 'passkey-rename', 'profile-none', 'profile-remove', 'profile-withdraw', 'reconcile-decide',
  'recovery-codes', 'recovery-codes-kept', 'recovery-stop', 'recovery-stop-own', 'sign-in-again', 'sign-out', 'staff-app-remove', 'staff-disable',
  'staff-invite-withdraw', 'staff-lock', 'desk-waitlist-withdraw', 'waitlist-claim', 'waitlist-decline', 'waitlist-leave']);
/** Filled in where a clinic's answer or a passkey comes first; looked at by the tests of those. */
const elsewhere = new Set([
  'calendar-change', 'calendar-columns', 'calendar-make', 'cancel', 'desk-block', 'desk-book', 'desk-contact', 'desk-find', 'desk-move', 'desk-scan', 'desk-stop', 'glass-break', 'glass-review', 'hours-away',
  'hours-closure', 'hours-settings', 'hours-week', 'profile-disagree', 'recover-address', 'recover-finish', 'staff-app', 'staff-code',
  'staff-invite', 'staff-join', 'desk-waitlist-add', 'desk-waitlist-offer', 'desk-waitlist-priority', 'desk-waitlist-remove', 'waitlist-change']);

/** What the application's sources call actions. */
function actions(): string[] {
  const sources = fileURLToPath(new URL('../../app/src', import.meta.url));
  const text = readdirSync(sources, { recursive: true }).map(String).filter((file) => file.endsWith('api.rs')).map((file) => readFileSync(join(sources, file), 'utf8')).join('\n');
  return [...text.matchAll(/endpoint = "([a-z-]+)"/g)].map((found) => found[1]);
}

test('every form asks and answers in the same way', async ({ page, mailbox }) => {
  const seen = new Set<string>();
  const answered = new Set<string>();
  const form = (action: string) => page.locator(`form[action="/fn/${action}"]`).last();
  /** Looks at the page, then sends its form wrongly. */
  const check = async (action: string, button: string | RegExp, refusesNonsense = true) => {
    await looksRight(page, seen);
    await saysWhatIsWrong(page, form(action), button, refusesNonsense);
    answered.add(action);
  };
  const open = (path: string) => page.goto(path);
  const codeOf = async (to: string, subject?: RegExp) => /\d{3} \d{3}/.exec((await mailbox({ to, subject, text: /\d{3} \d{3}/ })).text)?.[0] ?? '';

  await open('/');
  await looksRight(page, seen);
  await open('/sign-in');
  await check('sign-in', 'Send me a code');
  await open('/sign-in/recover');
  await check('recover', 'Go on');

  const who = somebody();
  await toTimes(page, 'vaccination', comingMonday(5));
  await check('hold', /^Continue/);
  await keep(page);
  await check('details', 'Continue');
  await fill(page, who);
  await page.getByLabel('Phone number').fill('');
  await page.getByLabel('What is the visit about?').fill('');
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Check your email' })).toBeVisible();
  await check('book-code', 'Continue');
  await page.getByLabel('Code').fill(await codeOf(who.email));
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Is everything right?' })).toBeVisible();
  await looksRight(page, seen);
  await bookButton(page).click();
  await page.waitForURL(/\/booked$/);
  await looksRight(page, seen);
  const visit = new URL(page.url()).pathname.replace('/booked', '');
  for (const path of ['/move', '/cancel', '']) {
    await open(`${visit}${path}`);
    await looksRight(page, seen);
  }

  await open('/account');
  await looksRight(page, seen);
  await open('/account/addresses/new');
  await check('address-new', 'Send a code to it');
  const second = `second-${who.email}`;
  await page.getByLabel('Email address').fill(second);
  await page.getByRole('button', { name: 'Send a code to it' }).click();
  await check('address-add', 'Add this address');
  await open('/c/riverside/register');
  await check('chart-register', 'Register');
  await open('/c/riverside/waitlist?service=followup&for=new');
  await check('waitlist-join', 'Join the waitlist');
  await open('/account/records/find?clinic=riverside');
  await check('chart-find', 'Look for my records');
  await page.getByLabel('Given name').fill('');
  await page.getByLabel('Family name').fill('Nobody');
  for (const [label, value] of [['Day', '1'], ['Month', '1'], ['Year', '1980'], ['Phone number', '']]) await page.getByLabel(label).first().fill(value);
  await page.getByLabel(/^Patient number/).fill('');
  await page.getByRole('button', { name: 'Look for my records' }).click();
  await check('chart-prove', 'Connect my records');
  await open('/activate');
  await check('chart-activate', 'Connect my records');

  await open('/account/records');
  const person = await page.locator('a[href^="/people/"]').first().getAttribute('href');
  await open(`${person}`);
  const sections = await page.locator(`main a[href^="${person}/"]`).evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  expect(sections.length).toBeGreaterThan(10);
  for (const section of sections) {
    await open(section);
    await looksRight(page, seen);
  }
  await open(`${person}/address`);
  await check('profile-say', 'Save');
  await open(`${person}/emergency-contact`);
  await saysWhatIsWrong(page, form('profile-say'), 'Save');
  for (const list of ['allergies', 'medicines', 'conditions']) {
    await open(`${person}/${list}/add`);
    // Any words are a medicine.
    await check('profile-add', 'Add it', list === 'allergies');
  }
  await open(`${person}/coverage`);
  await page.getByRole('button', { name: 'Add the photo' }).click();
  await wrong(page);
  answered.add('card-photo');
  await open(`${person}/helpers/new`);
  await check('invite', 'Send the invitation');

  await page.context().clearCookies();
  await open('/sign-in');
  await page.getByLabel('Email address').fill(who.email);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await check('sign-in-code', 'Sign in');

  const all = actions();
  expect(all.length).toBeGreaterThan(40);
  const unknown = [...seen].map((path) => path.replace('/fn/', '')).filter((action) => !all.includes(action) && !answered.has(action) && action !== 'ask');
  expect(unknown).toEqual([]);
  // Whoever adds a form adds it here.
  expect(all.filter((action) => !answered.has(action) && !buttons.has(action) && !elsewhere.has(action))).toEqual([]);
});
