// No page of the desk is wider than its screen, whatever a clinician is called and however low the window is.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { comingMonday } from '../../lib/days.mjs';
import { desktop, phone } from '../../lib/portico.mjs';
import { expect, test } from '../../lib/test.js';
import { comeToWork, toPart } from '../../lib/work.js';

test.describe.configure({ timeout: 240_000 });

const LONG = 'Dr. med. Maximiliane-Charlotte von Hohenzollern-Sigmaringen-';
const clinic = '/staff/riverside';
const screens = { phone, desktop, low: { width: 1280, height: 600 }, wide: { width: 1920, height: 1080 } };
/** Where nobody stays, and what only stands after an act of another test. */
const passing = [`${clinic}/go-on`, `${clinic}/emergency/:access`, `${clinic}/blocks/:block`];

/** What the application's routes call pages of the desk. */
function pages(): string[] {
  const routes = readFileSync(fileURLToPath(new URL('../../../app/src/routes.rs', import.meta.url)), 'utf8');
  return [...routes.matchAll(/path!\("(\/staff\/:clinic[^"]*)"\)/g)].map((found) => found[1].replace('/staff/:clinic', clinic)).filter((path) => !passing.includes(path));
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
const pathOf = async (page: Page, list: string, links: string) => {
  await page.goto(`${clinic}/${list}`);
  return (await page.locator(links).first().getAttribute('href')) ?? '';
};

test('every page of the desk fits on every screen', async ({ page, axe, mailbox, portico }) => {
  const file = join(portico.dataDir, 'riverside.toml');
  const before = portico.run(['export', 'clinic', 'riverside']);
  const after = before.replace(/^name = "Dr [^"]*Weber[^"]*"$/m, `name = "${LONG}"`);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
  portico.run(['import', 'clinic', file, '--overwrite']);
  await page.setViewportSize(desktop);
  const to = 'fits@example.com';
  await comeToWork(page, portico, mailbox, axe, 'manager', to);
  for (const role of ['nurse', 'privacy-officer']) {
    const invite = portico.run(['user', 'invite', '--clinic', 'riverside', '--role', role, '--name', 'Kim Example', '--email', to]);
    await page.goto(invite.trim().split('\n').at(-1) ?? '');
    await press(page, 'Accept the invitation');
    await page.waitForURL(/\/staff/);
  }

  // Something for each page that is about one of many.
  const visit = await pathOf(page, `schedule?day=${comingMonday(1)}`, '.entry a[href*="/visits/"]');
  await page.goto(visit);
  const patient = (await page.getByRole('link', { name: 'The patient’s page' }).getAttribute('href')) ?? '';
  await page.goto(`${clinic}/calendars/new`);
  await page.getByLabel('What it is called').fill('Praxisverwaltungssystemkalenderexport der Gemeinschaftspraxis');
  await page.getByLabel('Address of the calendar').fill(`https://127.0.0.1:9/${'not-to-be-broken-'.repeat(6)}/calendar.ics`);
  await press(page, 'Begin to read it');
  await page.waitForURL(/calendars\/[0-9a-f-]{36}$/);
  const calendar = new URL(page.url()).pathname;
  await page.goto(`${clinic}/calendars/new`);
  await page.getByLabel('What it is called').fill('Terminlistenexportdatei');
  await page.getByLabel('Tables (CSV) that you bring').check();
  await press(page, 'Begin to read it');
  await page.waitForURL(/calendars\/[0-9a-f-]{36}$/);
  const rows = `Date;Start;End;Doctor;${'Patientenname'.repeat(5)}\n2031-03-03;09:00;10:00;${LONG};${'Krähenwinkel-'.repeat(6)}\n`;
  await page.locator('#file').setInputFiles({ name: 'week.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
  await press(page, 'Read the file');
  await page.waitForURL(/columns/);
  const columns = new URL(page.url()).pathname;
  await page.goto(`${clinic}/hours/closure`);
  await page.getByLabel('First day closed').fill(comingMonday(1));
  await page.getByLabel('Why').fill('Staff training');
  await press(page, 'See what would come of it');
  await page.waitForURL(/rehearsals/);
  const rehearsal = new URL(page.url()).pathname;
  const entry = await pathOf(page, 'waitlist', 'tbody a');
  const one: Record<string, string> = {
    [`${clinic}/visits/:visit`]: visit,
    [`${clinic}/visits/:visit/move`]: `${visit}/move`,
    [`${clinic}/visits/:visit/cancel`]: `${visit}/cancel`,
    [`${clinic}/patients/:patient`]: patient,
    [`${clinic}/patients/:patient/contact`]: `${patient}/contact`,
    [`${clinic}/patients/:patient/online-booking`]: `${patient}/online-booking`,
    [`${clinic}/calendars/:calendar`]: calendar,
    [`${clinic}/calendars/:calendar/columns`]: columns,
    [`${clinic}/hours/rehearsals/:rehearsal`]: rehearsal,
    [`${clinic}/waitlist/:entry`]: entry,
  };
  const list = pages().map((path) => one[path] ?? path.replace(':whose', 'weber'));
  expect(list.length).toBeGreaterThan(25);
  expect(list.filter((path) => path.includes('/:'))).toEqual([]);
  list.push(`${clinic}/schedule?day=${comingMonday(1)}`, `${clinic}/schedule?day=${comingMonday(1)}&with=weber`, `${clinic}/hours/of/weber/week?period=new`, `${clinic}/hours/settings?level=clinic`);

  for (const [name, viewport] of Object.entries(screens)) {
    await page.setViewportSize(viewport);
    for (const path of list) {
      const answer = await page.goto(path);
      expect.soft(answer?.status(), path).toBe(200);
      const wide = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const over = Array.from(document.querySelectorAll('main *')).filter((e) => e.getBoundingClientRect().right > clientWidth + 1 && !e.closest('.board'));
        return scrollWidth > clientWidth ? over.slice(0, 3).map((e) => `${e.tagName}.${e.className}`) : [];
      });
      expect.soft(wide, `${path} on a ${name} screen`).toEqual([]);
    }
    // What closes the desk is in reach without scrolling, and all of the menu with it.
    await expect(page.getByRole('button', { name: 'Lock', exact: true })).toBeInViewport({ ratio: 1 });
  }
  await page.setViewportSize(phone);
  await page.goto(`${clinic}/hours`);
  await expect(page.getByRole('navigation', { name: 'Desk' })).toBeHidden();
  expect((await page.locator('.desk-side').boundingBox())?.height).toBeLessThan(80);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await axe(page);
  await page.keyboard.press('Escape');
  await toPart(page, 'People');
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
});

