// What becomes of a booked visit: moved and cancelled to the end, from one's account, from the mail's private link, and with
// a keyboard alone.
import { type Page } from '@playwright/test';
import { another, bookButton, choose, continueButton, hidden, isBooked, somebody, toCheck, toTimes } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { expect, test } from '../lib/test.js';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

test('a visit is moved and then cancelled, and its page says so', async ({ page, axe, mailbox, javaScriptEnabled }) => {
  const who = somebody();
  await toTimes(page, 'vaccination', comingMonday(7));
  await toCheck(page, mailbox, who, 2);
  await bookButton(page).click();
  await isBooked(page);
  await axe(page);
  const visit = new URL(page.url()).pathname.replace(/\/booked$/, '');
  await page.goto('/visits');
  await axe(page);
  await page.locator(`a[href="${visit}"]`).first().click();
  await expect(page.getByRole('heading', { name: 'Getting there' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Before you come' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Show on a map' })).toBeVisible();
  await axe(page);
  const file = await page.request.get((await page.getByRole('link', { name: 'Add to calendar' }).getAttribute('href')) ?? '');
  expect(file.headers()['content-type']).toContain('text/calendar');
  expect(await file.text()).toMatch(/^BEGIN:VCALENDAR[^]*DTSTART/);

  await page.getByRole('link', { name: 'Move', exact: true }).click();
  await expect(page.getByText(/^Your visit is now on/)).toBeVisible();
  await page.goto(`${page.url()}&day=${comingMonday(10)}`);
  const chosen = await choose(page, 4);
  await continueButton(page).click();
  await heading(page, 'Is this the new time?');
  await axe(page);
  await press(page, /^Move to /);
  await expect(page.getByText('Your visit was moved')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(chosen.label.trim());
  await axe(page);
  const moved = await mailbox({ to: who.email, subject: /moved/i });
  expect(moved.text).toContain(chosen.label.trim());

  await page.getByRole('link', { name: 'Cancel', exact: true }).click();
  await heading(page, 'Do you want to cancel this visit?');
  await axe(page);
  await page.getByLabel('Why do you cancel?').fill(hidden);
  await press(page, 'Cancel this visit');
  await expect(page.getByText('This visit was cancelled')).toBeVisible();
  await axe(page);
  await expect(page.getByRole('link', { name: 'Move', exact: true })).toHaveCount(0);
  await mailbox({ to: who.email, subject: /cancel/i });
  if (javaScriptEnabled) expect(await page.evaluate('window.hit')).toBeUndefined();
  // Its other pages say it, too, and change nothing.
  for (const page_of of ['move', 'cancel']) {
    await page.goto(`${visit}/${page_of}`);
    await axe(page);
    await expect(page.getByRole('button', { name: /^(Move to|Cancel this)/ })).toHaveCount(0);
  }
  await page.goto('/visits');
  await axe(page);
});

test('the private link of the mail opens the visit anywhere, and lets it be cancelled', async ({ page, axe, mailbox, browser, baseURL, javaScriptEnabled }) => {
  const who = somebody();
  await toTimes(page, 'vaccination', comingMonday(12));
  await toCheck(page, mailbox, who, 1);
  await bookButton(page).click();
  await isBooked(page);
  const mail = await mailbox({ to: who.email, text: /\/m\/[\w-]+/ });
  const link = /\/m\/[\w-]+/.exec(mail.text)?.[0] ?? '';
  const elsewhere = await another(browser, page.context(), baseURL ?? '', javaScriptEnabled ?? true);
  await elsewhere.goto(link);
  // The link itself stays in no address bar.
  await expect(elsewhere).toHaveURL(/\/visits\/[0-9a-f-]{36}/);
  await expect(elsewhere.getByRole('link', { name: 'Add to calendar' })).toBeVisible();
  await axe(elsewhere);
  await elsewhere.getByRole('link', { name: 'Cancel', exact: true }).click();
  await press(elsewhere, 'Cancel this visit');
  await expect(elsewhere.getByText('This visit was cancelled')).toBeVisible();
  await page.reload();
  await page.goto(new URL(elsewhere.url()).pathname);
  await expect(page.getByText('This visit was cancelled')).toBeVisible();
  await elsewhere.context().close();
});

test('the keyboard alone moves and cancels', async ({ page, mailbox, isMobile }) => {
  test.skip(Boolean(isMobile), 'a phone has no Tab');
  await toTimes(page, 'vaccination', comingMonday(8));
  await toCheck(page, mailbox, somebody(), 3);
  await bookButton(page).click();
  await isBooked(page);
  const tabTo = async (what: ReturnType<Page['locator']>) => {
    for (let tabs = 0; tabs < 80; tabs += 1) {
      if (await what.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not come to ${what}`);
  };
  await page.goto(new URL(page.url()).pathname.replace(/\/booked$/, ''));
  await tabTo(page.getByRole('link', { name: 'Move', exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Your visit is now on/)).toBeVisible();
  await tabTo(page.locator('label.slot input').first());
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await tabTo(continueButton(page));
  await page.keyboard.press('Enter');
  await heading(page, 'Is this the new time?');
  await tabTo(page.getByRole('button', { name: /^Move to / }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('Your visit was moved')).toBeVisible();
  await tabTo(page.getByRole('link', { name: 'Cancel', exact: true }));
  await page.keyboard.press('Enter');
  await tabTo(page.getByRole('button', { name: 'Cancel this visit' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('This visit was cancelled')).toBeVisible();
});

test('pages that no journey stops at are for everybody, too', async ({ page, axe, mailbox, tolerate }) => {
  tolerate(/404|\/sorry/);
  await toTimes(page);
  await toCheck(page, mailbox);
  for (const path of [
    '/', '/?q=weber', '/?q=cardiology', '/?city=Berlin', '/?q=nothing+like+this', '/c/riverside', '/c/northgate', '/c/harbour', '/c/riverside/register',
    '/c/riverside/book', '/c/riverside/book/with?service=followup', '/c/riverside/book/times/why?service=vaccination&with=any',
    '/c/northgate/book/times?service=no-such-visit&with=any', '/c/riverside/book/00000000-0000-7000-8000-000000000000', '/visits', '/help', '/help?link=old',
    '/sorry', '/no/such/page', '/c/nowhere', '/sign-in', '/sign-in/recover', '/activate', '/dev/mailbox', '/api/docs',
  ]) {
    await page.goto(path);
    await axe(page);
  }
  await page.goto('/dev/mailbox');
  await page.locator('main a[href^="/dev/mailbox/"]').first().click();
  await axe(page);
});
