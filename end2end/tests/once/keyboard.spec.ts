// The desk's work by the keyboard alone: hours, waitlist, people, calendars, who comes to the counter. On a wide screen, too.
import type { Page } from '@playwright/test';
import { comingMonday } from '../../lib/days.mjs';
import { desktop } from '../../lib/portico.mjs';
import { chooseAt, pressAt, tabTo, typeAt } from '../../lib/keys.js';
import { expect, test } from '../../lib/test.js';
import { comeToWork } from '../../lib/work.js';

test.use({ viewport: { width: 1920, height: 1080 } });

const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first();
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name, exact: typeof name === 'string' }).first();
const part = (page: Page, name: string | RegExp) => pressAt(page, page.getByRole('navigation', { name: 'Desk' }).getByRole('link', { name }));

test('leave is entered, rehearsed and taken back', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  await part(page, /^Hours/);
  await heading(page, 'Hours');
  await axe(page);
  await pressAt(page, link(page, /Weber/));
  await heading(page, /Weber/);
  await axe(page);
  await pressAt(page, link(page, /leave|away|absence/i));
  await typeAt(page, page.getByLabel('First day'), '2031-11-24');
  await typeAt(page, page.getByLabel('Last day'), '2031-11-26');
  await pressAt(page, button(page, 'See what would come of it'));
  await expect(page.getByText('Nobody would lose their place')).toBeVisible();
  await axe(page);
  await pressAt(page, button(page, 'Make the change'));
  await expect(page.getByText('The change holds now')).toBeVisible();
  await pressAt(page, link(page, /Weber/));
  await pressAt(page, button(page, /^Remove Mon 24 to Wed 26 November 2031/));
  await pressAt(page, button(page, 'Make the change'));
  await expect(page.getByText('The change holds now')).toBeVisible();
});

test('somebody on the waitlist becomes more pressing', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  await part(page, /^Waitlist/);
  await heading(page, 'Waitlist');
  await axe(page);
  await pressAt(page, page.locator('tbody a').first());
  await axe(page);
  await pressAt(page, page.getByText('Change the priority'));
  await chooseAt(page, page.getByLabel('Urgent', { exact: true }));
  await typeAt(page, page.getByLabel('Why', { exact: true }).first(), 'Rang, and is worse');
  await pressAt(page, button(page, 'Set the priority'));
  await expect(page.getByText('Rang, and is worse').first()).toBeVisible();
});

test('somebody is invited, and the invitation is taken back', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  await part(page, /^People/);
  await heading(page, 'People');
  await axe(page);
  await pressAt(page, link(page, 'Invite somebody'));
  await typeAt(page, page.getByLabel('Name', { exact: true }), 'Kay Keys');
  await typeAt(page, page.getByLabel('Email address'), `keys-${process.pid}@example.com`);
  await chooseAt(page, page.getByRole('radio', { name: /^Nurse/ }));
  await pressAt(page, button(page, 'Send the invitation'));
  await expect(page.getByText('The invitation is on its way')).toBeVisible();
  const row = page.getByRole('row', { name: /Kay Keys/ });
  await pressAt(page, row.getByRole('button').first());
  await expect(row).toHaveCount(0);
});

test('a calendar is set up, changed and not read any more', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  await part(page, /^Reconcile/);
  await axe(page);
  await pressAt(page, link(page, /calendars/i));
  await pressAt(page, link(page, 'Read another calendar'));
  await chooseAt(page, page.getByRole('radio', { name: /program/ }));
  await typeAt(page, page.getByLabel('What it is called'), 'Keys’ calendar');
  await pressAt(page, button(page, 'Begin to read it'));
  await heading(page, 'Keys’ calendar');
  await axe(page);
  await pressAt(page, page.getByText('Change how it is read'));
  await typeAt(page, page.getByLabel('What it is called'), 'Keys’ other calendar');
  await tabTo(page, page.getByLabel('How soon a visit from here stands in it'));
  await page.keyboard.type('1 hour');
  await pressAt(page, button(page, 'Keep it'));
  await heading(page, 'Keys’ other calendar');
  await expect(page.getByText('The change is kept')).toBeVisible();
  await pressAt(page, page.getByText('Stop reading this calendar'));
  await pressAt(page, button(page, 'Yes, stop reading it'));
  await heading(page, 'Calendars');
  await expect(page.getByText('Keys’ other calendar')).toHaveCount(0);
});

test('a code is typed at the counter', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  await part(page, /^Waiting room/);
  await heading(page, 'Waiting room');
  await axe(page);
  await typeAt(page, page.getByLabel('The patient’s code'), '7F3K-9QWX-2M4T-VB6D');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No visit has this code').first()).toBeVisible();
});

test('somebody is found by number, phone and birth date', async ({ page, axe, mailbox, portico }) => {
  await comeToWork(page, portico, mailbox, axe);
  const api = '/api/v1/staff/clinics/riverside/patients';
  const known = await page.request.get(`${api}?q=kaya`).then((answer) => answer.json());
  const one = known.items.find((item: { phone: string | null }) => item.phone) as { name: string; phone: string; birth_date: string; number: string | null };
  for (const typed of [one.phone, one.birth_date, one.number]) {
    if (!typed) continue;
    await page.goto('/staff/riverside/schedule');
    await page.waitForLoadState('networkidle');
    await page.keyboard.press('/');
    await expect(page.getByRole('searchbox')).toBeFocused();
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('row', { name: new RegExp(one.name) })).toBeVisible();
  }
});

test('a visit is dragged to another time, and the board is printed', async ({ page, axe, mailbox, portico }) => {
  await page.setViewportSize(desktop);
  await comeToWork(page, portico, mailbox, axe);
  const date = comingMonday(8);
  const new_patient = { given: 'Dora', family: `Gezogen-${process.pid}`, birth_date: '1984-02-29' };
  const slots = await page.request.get(`/api/v1/clinics/riverside/availability?service=vaccination&from=${date}&to=${date}`).then((answer) => answer.json());
  const start = slots.days[0].starts[4].start as string;
  const booked = await page.request.post('/api/v1/staff/clinics/riverside/appointments', {
    data: { service: 'vaccination', practitioner: 'nurses', start, new_patient, confirmed_new: true },
    headers: { origin: portico.url, 'idempotency-key': `drag-${process.pid}` },
  });
  expect(booked.status()).toBe(201);
  await page.goto(`/staff/riverside/schedule?day=${date}`);
  await page.waitForLoadState('networkidle');
  const mine = page.locator('.entry', { hasText: 'Gezogen' }).first();
  const before = await mine.innerText();
  const from = await mine.boundingBox();
  if (!from) throw new Error('the visit is nowhere');
  const at = { x: from.x + from.width / 2, y: from.y + Math.min(from.height / 2, 8) };
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x, at.y + 60, { steps: 8 });
  // What the engine says is there before it is dropped.
  await expect(page.locator('.aim')).toBeVisible();
  await expect(page.locator('#said')).toContainText(': free');
  await page.mouse.up();
  await expect(page.locator('#said')).toContainText(/Moved: it is with /);
  await expect(mine).not.toHaveText(before);
  // On paper: no menu, no buttons, all of the day.
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation', { name: 'Desk' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Lock', exact: true })).toBeHidden();
  await expect(mine).toBeVisible();
});
