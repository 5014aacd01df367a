// Break-glass: a chart of the network that the clinic does not have, for an hour, and what comes of it.
import type { Page } from '@playwright/test';
import { problem } from '../lib/booking.js';
import { comeToWork, toPart } from '../lib/work.js';
import { looksRight, saysWhatIsWrong } from '../lib/forms.js';
import type { Portico } from '../lib/portico.mjs';
import { expect, test } from '../lib/test.js';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

/** Another post for whoever is at the desk. */
async function also(page: Page, portico: Portico, role: string, to: string) {
  const invite = ['user', 'invite', '--clinic', 'riverside', '--role', role, '--name', 'Kim Example', '--email', to];
  await page.goto(portico.run(invite).trim().split('\n').at(-1) ?? '');
  await press(page, 'Accept the invitation');
}

test('an emergency asks who and why, and the officer has a list', async ({ page, axe, mailbox, portico, tolerate }) => {
  tolerate(/40[134]/);
  const to = `emergency-${process.pid}@example.com`;
  await comeToWork(page, portico, mailbox, axe, 'nurse', to);
  await toPart(page, 'Emergency access');
  await heading(page, 'Emergency access');
  await axe(page);
  const seen = new Set<string>();
  await looksRight(page, seen);
  await saysWhatIsWrong(page, page.locator('form[action="/fn/glass-break"]'), 'Open the chart for an hour');
  await page.getByLabel('Full name').fill('Nobody At All');
  for (const [label, value] of [['Day', '1'], ['Month', '1'], ['Year', '1980']]) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel('Why do you need it now?').fill('Unconscious, needs allergies and medicines');
  await press(page, 'Open the chart for an hour');
  await expect(problem(page)).toContainText('Nobody in the network has this name and date of birth');
  await expect(page.getByLabel('Why do you need it now?')).toHaveValue('Unconscious, needs allergies and medicines');
  await axe(page);
  await also(page, portico, 'privacy-officer', to);
  await page.goto('/staff/riverside/emergencies');
  await heading(page, 'Emergency reviews');
  await axe(page);
});
