// Coming to work at the demo's clinic, as its first people do.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { problem } from './booking.js';
import { appCode } from './desk.mjs';
import type { Portico } from './portico.mjs';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();
const heading = (page: Page, name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

type Mailbox = (wanted: { to: string; subject?: RegExp; text?: RegExp }) => Promise<{ text: string }>;
let people = 0;
/** The pages on the way to work are looked at by the first who comes: they are the same for everybody. */
let lookedAt = false;

/** Invited at the machine, as a clinic's first ones are, and to the desk. Answers the app's key. */
export async function comeToWork(page: Page, portico: Portico, mailbox: Mailbox, axe: (page: Page) => Promise<void>, role = 'manager', to = `work-${process.pid}-${(people += 1)}@example.com`): Promise<string> {
  const look = lookedAt ? async () => {} : axe;
  lookedAt = true;
  const invite = ['user', 'invite', '--clinic', 'riverside', '--role', role, '--name', 'Kim Example', '--email', to];
  const link = portico.run(invite).trim().split('\n').at(-1) ?? '';
  await page.goto(link);
  await heading(page, 'You are invited to work here');
  await look(page);
  await page.getByRole('link', { name: 'Sign in', exact: true }).last().click();
  await page.getByLabel('Email address').fill(to);
  await press(page, 'Send me a code');
  const code = /\d{3} \d{3}/.exec((await mailbox({ to, subject: /is your Portico code/ })).text)?.[0] ?? '';
  await page.getByLabel('Code', { exact: true }).fill(code);
  await press(page, 'Sign in');
  await press(page, 'Accept the invitation');
  await heading(page, 'Show that it is you');
  await look(page);
  await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
  await heading(page, 'Set up an authenticator app');
  await look(page);
  await page.getByText('Type it in instead').click();
  const key = (await page.locator('.key').textContent()) ?? '';
  await press(page, 'Use this app');
  await expect(problem(page)).toContainText('Enter the code that your app shows');
  await page.getByLabel('Code', { exact: true }).fill(appCode(key));
  await press(page, 'Use this app');
  await expect(page.locator('#board')).toBeVisible();
  return key;
}

/** The menu is folded on a phone, and stands open elsewhere. */
export async function openMenu(page: Page): Promise<void> {
  // Until the styles are there, what they hide looks as if it could be seen.
  await page.waitForLoadState('load');
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  if (await menu.isVisible()) await menu.click();
}

/** To a part of the desk by its menu. */
export async function toPart(page: Page, name: string): Promise<void> {
  await openMenu(page);
  await page.getByRole('navigation', { name: 'Desk' }).getByRole('link', { name, exact: true }).click();
}
