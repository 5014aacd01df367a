// Passkeys with Chromium's own virtual authenticator, and one's account without any script.
import type { Page } from '@playwright/test';
import { bookButton, isBooked, somebody, toCheck, toTimes } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { expect, test } from '../lib/test.js';

/** A phone whose owner is always there and always verified. */
async function authenticator(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const options = {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  return { cdp, authenticatorId };
}

async function signOut(page: Page) {
  await page.goto('/account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
  await expect(page).toHaveURL(/\/$/);
}

test('a passkey is set up in one tap after booking, and signs in with a touch', async ({ page, axe, mailbox, tolerate, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'passkeys need the browser’s own dialog');
  const { cdp, authenticatorId } = await authenticator(page);
  const who = somebody();
  await toTimes(page, 'vaccination', comingMonday(3));
  await toCheck(page, mailbox, who);
  await bookButton(page).click();
  await isBooked(page);
  await axe(page);
  await page.getByRole('button', { name: 'Set up a passkey' }).click();
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByText('not used yet')).toBeVisible();
  await axe(page);
  expect((await mailbox({ to: who.email, subject: /passkey was added/ })).text).toContain('/account');
  expect((await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toHaveLength(1);

  // The browser offers it in the field, and its owner, who is always there, picks it.
  await signOut(page);
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { level: 1, name: 'Your visits' })).toBeVisible();

  // By the button, when nobody picked it in the field.
  await signOut(page);
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await page.goto('/sign-in');
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await expect(button).toBeVisible();
  await axe(page);
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await button.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your visits' })).toBeVisible();

  await page.goto('/account');
  await page.getByRole('link', { name: /Last used a moment ago/ }).click();
  await page.getByLabel('What do you call it?').fill('');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await expect(page.locator('.problem')).toContainText('Give it a name of 1 to 60 characters');
  await axe(page);
  await page.getByLabel('What do you call it?').fill('My phone ☎');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await page.getByRole('link', { name: /My phone ☎/ }).click();
  await page.getByRole('button', { name: 'Remove this passkey' }).click();
  await expect(page.getByText('The passkey was removed')).toBeVisible();

  // What the phone still has is worth nothing any more, and says so without scolding.
  tolerate(/400/);
  await signOut(page);
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'use a code by email' })).toBeVisible();
});

test('an account shows where it is signed in, and asks once more before anything is changed', async ({ page, axe, mailbox, browser, context, baseURL, javaScriptEnabled }) => {
  const email = `account-${Date.now()}-${Math.random()}@example.com`;
  const signIn = async (on: Page) => {
    await on.goto('/sign-in?next=/account');
    await on.getByLabel('Email address').fill(email);
    await on.getByRole('button', { name: 'Send me a code' }).click();
    await expect(on.getByRole('heading', { level: 1, name: 'Look in your email' })).toBeVisible();
    const code = /\d{3} \d{3}/.exec((await mailbox({ to: email, text: /\d{3} \d{3}/ })).text)?.[0] ?? '';
    await on.getByLabel('Code', { exact: true }).fill(code);
    await on.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(on.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  };
  const other = await (await browser.newContext({ baseURL, javaScriptEnabled, viewport: page.viewportSize() })).newPage();
  await signIn(other);
  await signIn(page);
  await axe(page);
  await expect(page.getByText('This device, now')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(page.getByText('The other devices are signed out')).toBeVisible();
  await other.goto('/account');
  await expect(other).toHaveURL(/\/sign-in\?next=/);
  await other.context().close();

  await page.goto('/sign-in/again?next=/account/passkey');
  await axe(page);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code', { exact: true }).fill('000 00');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.locator('.problem')).toContainText('The code has six digits');
  await axe(page);
  const code = /\d{3} \d{3}/.exec((await mailbox({ to: email, text: /\d{3} \d{3}/ })).text)?.[0] ?? '';
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in with a touch' })).toBeVisible();
  await axe(page);
});
