// The clinic's desk: coming to work, and a day at it, with a keyboard and without a script.
import type { Page } from '@playwright/test';
import { problem } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { looksRight, saysWhatIsWrong } from '../lib/forms.js';
import { comeToWork } from '../lib/work.js';
import { expect, test } from '../lib/test.js';

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

async function newVisit(page: Page, day: string, time: string, family: string) {
  await page.goto(`/staff/riverside/new?day=${day}&time=${time}`);
  await page.getByLabel('Given name').fill('Ọlábísí');
  await page.getByLabel('Family name').fill(family);
  await page.getByLabel('Day', { exact: true }).first().fill('29');
  await page.getByLabel('Month', { exact: true }).fill('2');
  await page.getByLabel('Year', { exact: true }).fill('1984');
  await press(page, 'Book the visit');
  await page.waitForURL(/\/visits\/|\/new\/who/);
  // Of another family name, and yet alike.
  if (page.url().includes('/who')) await press(page, 'No, somebody new');
  await heading(page, new RegExp(family));
}

test('a day at the desk', async ({ page, axe, mailbox, portico, tolerate }) => {
  tolerate(/40[13]/);
  await comeToWork(page, portico, mailbox, axe);
  const seen = new Set<string>();
  await axe(page);
  await looksRight(page, seen);
  const day = comingMonday(3);
  await page.goto(`/staff/riverside/schedule?day=${day}`);
  await axe(page);

  await page.goto(`/staff/riverside/new?day=${day}`);
  await axe(page);
  await looksRight(page, seen);
  await saysWhatIsWrong(page, page.locator('form[action="/fn/desk-book"]'), 'Book the visit');
  await axe(page);
  await newVisit(page, day, '10:00', 'Adéyẹmí');
  await axe(page);
  // Its day has not come, so nobody has: what can be done is to move or cancel it.
  await expect(page.getByRole('button', { name: 'Arrived' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Cancel it' }).click();
  await heading(page, /^Cancel the visit of/);
  await looksRight(page, seen);
  await axe(page);
  await page.getByLabel('Why (optional)').fill('The doctor is ill');
  await press(page, 'Cancel the visit');
  await expect(page.locator('.chip').getByText('cancelled')).toBeVisible();
  await axe(page);

  await newVisit(page, day, '11:00', 'Adéyẹmí-Weber');
  await page.getByRole('link', { name: 'Move it' }).click();
  await heading(page, /^Move the visit of/);
  await looksRight(page, seen);
  await axe(page);
  await page.getByLabel('Another time').check();
  await page.getByLabel('Time', { exact: true }).fill('3:07');
  await press(page, 'Move the visit');
  await expect(problem(page)).toBeVisible();
  await axe(page);
  // A manager may say why a rule does not count.
  await page.getByLabel('Time', { exact: true }).fill('12:00');
  await page.getByLabel('Why does the rule not count this once?').fill('No matter');
  await press(page, 'Move the visit');
  await expect(page.getByText(/Moved for .*12:00/)).toBeVisible();

  await page.goto('/staff/riverside/patients');
  await page.getByRole('searchbox').fill('adeyemi');
  await press(page, 'Find');
  await expect(page).toHaveURL(/patients\?found=yes$/);
  await expect(page.getByRole('rowheader', { name: /Adéyẹmí-Weber/ })).toBeVisible();
  await axe(page);
  await page.getByRole('row', { name: /Adéyẹmí-Weber/ }).getByRole('link', { name: 'Book' }).click();
  await expect(page.getByText('Ọlábísí Adéyẹmí-Weber')).toBeVisible();
  await axe(page);

  await page.goto(`/staff/riverside/block?day=${day}&with=nurses`);
  await looksRight(page, seen);
  await saysWhatIsWrong(page, page.locator('form[action="/fn/desk-block"]'), 'Close the time');
  await axe(page);
  await page.goto(`/staff/riverside/block?day=${day}`);
  await page.getByLabel('From').fill('18:00');
  await page.getByLabel('To', { exact: true }).fill('18:30');
  await page.getByLabel('What for').fill('Cleaning');
  await press(page, 'Close the time');
  // The clinic's own calendar may close other times that day.
  const closed = page.locator('.entry-block').filter({ hasText: 'Cleaning' });
  await expect(closed).toHaveCount(1);
  await axe(page);
  await closed.getByRole('link').click();
  await press(page, 'Open it again');
  await expect(page.locator('#board')).toBeVisible();
  await expect(closed).toHaveCount(0);

  // A link for somebody's own calendar: shown once, read by whoever has it, and ended at once.
  await page.goto('/staff/riverside/calendar-links');
  await looksRight(page, seen);
  await axe(page);
  await press(page, 'Make a link');
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  await axe(page);
  const path = new URL(link).pathname;
  const feed = await page.request.get(path);
  expect(await feed.text()).toMatch(/^BEGIN:VCALENDAR[^]*SUMMARY:Booked/);
  expect(await feed.text()).not.toContain('Adéyẹmí');
  await page.goto('/staff/riverside/calendar-links');
  await expect(page.getByLabel('Link', { exact: true })).toHaveCount(0);
  await press(page, /^End it/);
  await expect(page.getByText('The link does not work any more')).toBeVisible();
  expect((await page.request.get(path)).status()).toBe(404);

  await page.goto('/staff/riverside/people');
  await axe(page);
  await page.getByRole('link', { name: 'Invite somebody' }).click();
  await looksRight(page, seen);
  await saysWhatIsWrong(page, page.locator('form[action="/fn/staff-invite"]'), 'Send the invitation', false);
  await axe(page);
  await page.getByLabel('Name', { exact: true }).fill('Ada Example');
  await page.getByLabel('Email address').fill(`front-${process.pid}@example.com`);
  await page.getByLabel('Front desk').check();
  await press(page, 'Send the invitation');
  await expect(page.getByText('The invitation is on its way')).toBeVisible();
  await axe(page);
  await press(page, 'Lock');
  await heading(page, 'The desk is locked');
  await axe(page);
  await page.goto('/staff/riverside/schedule');
  await heading(page, 'Show that it is you');
  expect(seen.size).toBeGreaterThan(3);
});

test('the keyboard alone runs the board, which is live', async ({ page, axe, mailbox, portico, javaScriptEnabled, tolerate, isMobile }) => {
  test.skip(!javaScriptEnabled || Boolean(isMobile), 'keys need a script and a keyboard');
  tolerate(/40[13]/);
  await comeToWork(page, portico, mailbox, axe);
  const day = comingMonday(4);
  await newVisit(page, day, '10:00', 'Tastatur');
  await page.goto(`/staff/riverside/schedule?day=${day}`);
  await page.keyboard.press('?');
  await expect(page.getByRole('heading', { name: 'Keys' })).toBeVisible();
  await axe(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').blur();
  await page.keyboard.press('ArrowDown');
  const mine = page.locator('.entry a', { hasText: 'Tastatur' });
  await expect(page.locator('.entry a').first()).toBeFocused();
  await mine.focus();
  await page.keyboard.press('m');
  await expect(page.locator('.aim')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#said')).toContainText('10:15: free');
  await page.keyboard.press('Enter');
  await expect(page.locator('#said')).toContainText(/Moved: it is with .*10:15 now/);
  await expect(mine).toContainText('10:15');
  // To somebody else: the words are others, or nobody hears that it is another column.
  await mine.focus();
  await page.keyboard.press('m');
  await expect(page.locator('#said')).toContainText('10:15');
  const first = await page.locator('#said').textContent();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#said')).not.toHaveText(first ?? '');
  await expect(page.locator('#said')).toContainText('with ');
  await page.keyboard.press('Escape');
  // Into a closed hour: said before it is put there, and it stays where it is.
  await mine.focus();
  await page.keyboard.press('m');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(page.locator('.aim-no')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.locator('#said')).toContainText('it is not free there and stays where it is');
  await axe(page);
  // Whoever wants it all the same is led to where the rule is told and the reason asked for; a free time is one tap away.
  await expect(page.getByRole('link', { name: /^Move it all the same/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await heading(page, /^Move the visit of/);
  await expect(problem(page)).toBeVisible();
  await expect(page.getByLabel('Why does the rule not count this once?')).toBeVisible();
  await axe(page);
  await page.goBack();
  await expect(mine).toContainText('10:15');
  // Somebody else books: it appears by itself.
  const other = await page.context().newPage();
  await newVisit(other, day, '14:00', 'Anderswo');
  await other.close();
  await expect(page.locator('.entry a', { hasText: 'Anderswo' })).toBeVisible({ timeout: 10_000 });
  await page.keyboard.press('n');
  await heading(page, 'New visit');
});

test('the board as it is drawn', async ({ page, axe, mailbox, portico, isMobile }) => {
  await comeToWork(page, portico, mailbox, axe);
  // Christmas: nobody is there, and it is closed over all hours and not over the first.
  for (const path of ['schedule?day=2031-12-25', `schedule?day=${comingMonday(5)}`, `schedule?day=${comingMonday(5)}&with=weber`]) {
    await page.goto(`/staff/riverside/${path}`);
    const drawn = await page.locator('.board-columns').evaluate((board) => {
      const height = (e: Element) => Math.round(e.getBoundingClientRect().height);
      const hours = height(board.querySelector('.board-hours ol') as Element);
      return {
        short: [...board.querySelectorAll('.board-column ol')].filter((ol) => height(ol) < hours).map((ol) => `${height(ol)} of ${hours}`),
        cut: [...board.querySelectorAll('.board-name')].filter((head) => head.scrollHeight > head.clientHeight + 1).map((head) => head.textContent),
        unlit: [...board.querySelectorAll('.b-away')].filter((away) => height(away) < hours).length,
        hours,
      };
    });
    expect(drawn).toEqual({ short: [], cut: [], unlit: 0, hours: drawn.hours });
    expect(drawn.hours).toBeGreaterThan(300);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `${path} does not scroll sideways`).toBeLessThanOrEqual(0);
  }
  // To a day by its date, with or without a script.
  await page.locator('#day-go > summary').click();
  await axe(page);
  await page.getByLabel('Go to').fill(comingMonday(6));
  await page.locator('#day-go').getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(new RegExp(`day=${comingMonday(6)}&with=weber`));
  // The day goes along into a new visit, and back.
  await page.getByRole('link', { name: 'New visit' }).click();
  await expect(page.getByLabel('Day', { exact: true }).last()).toHaveValue(comingMonday(6).split('-').reverse().map(Number).join('.'));
  await expect(page.getByRole('link', { name: 'Back to the schedule' })).toHaveAttribute('href', `/staff/riverside/schedule?day=${comingMonday(6)}`);
  if (isMobile) return;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`/staff/riverside/schedule?day=${comingMonday(5)}`);
  // Its head is one row.
  const tops = await page.locator('.board-head > :is(nav, details, form, a)').evaluateAll((all) => all.map((e) => Math.round(e.getBoundingClientRect().top)));
  expect(new Set(tops).size, `${tops}`).toBe(1);
});

test('a new visit for somebody at the counter', async ({ page, axe, mailbox, portico, javaScriptEnabled }) => {
  await comeToWork(page, portico, mailbox, axe);
  await page.goto(`/staff/riverside/new?day=${comingMonday(7)}&with=nurses`);
  await axe(page);
  // Nurses offer what nurses do.
  const visit = page.getByLabel('Visit', { exact: true });
  await expect(page.getByLabel('With', { exact: true })).toHaveValue('nurses');
  await expect(visit.locator('option:checked')).not.toHaveText('First visit');
  await page.getByLabel('Given name').fill('Nina');
  await page.getByLabel('Family name').fill('Schalter');
  await page.getByLabel('Day', { exact: true }).first().fill('3');
  await page.getByLabel('Month', { exact: true }).fill('3');
  await page.getByLabel('Year', { exact: true }).fill('1970');
  await visit.selectOption({ label: 'First visit' });
  if (!javaScriptEnabled) await press(page, 'Show free times');
  await expect(page.getByLabel('With', { exact: true }).locator('option[value=nurses]')).toHaveCount(0);
  await expect(page.getByLabel('Family name')).toHaveValue('Schalter');
  const free = page.getByRole('group', { name: 'Free times' }).getByRole('radio');
  await expect(free).toHaveCount(10);
  // Of the day that stands there, however it is written.
  expect(await free.first().getAttribute('value')).toContain(comingMonday(7));
  await axe(page);
  await free.nth(2).check();
  await expect(page.getByLabel('Time', { exact: true })).toBeHidden();
  await page.getByLabel('Another time').check();
  await expect(page.getByLabel('Time', { exact: true })).toBeVisible();
  await free.nth(2).check();
  await press(page, 'Book the visit');
  await heading(page, /Schalter/);
});

test('somebody known is not made twice, and is reached where they say', async ({ page, axe, mailbox, portico, tolerate, javaScriptEnabled }) => {
  tolerate(/40[134]/);
  await comeToWork(page, portico, mailbox, axe);
  const seen = new Set<string>();
  const day = comingMonday(7);
  const family = 'Ogunbanjo';
  await newVisit(page, day, '9:00', family);

  // The same name and birth date again: asked, and nothing typed is lost.
  await page.goto(`/staff/riverside/new?day=${day}&time=10:00`);
  const birth: [string, string][] = [['Given name', 'Ọlábísí'], ['Family name', family], ['Month', '2'], ['Year', '1984']];
  for (const [label, value] of birth) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel('Day', { exact: true }).first().fill('29');
  await page.getByLabel('What is it about?').fill('Her knee');
  await press(page, 'Book the visit');
  await heading(page, /^Is it/);
  await axe(page);
  await looksRight(page, seen);
  await page.getByRole('link', { name: 'Change what you typed' }).click();
  await expect(page.getByLabel('Family name')).toHaveValue(family);
  await expect(page.getByLabel('What is it about?')).toHaveValue('Her knee');
  await press(page, 'Book the visit');
  await page.getByRole('row', { name: new RegExp(family) }).getByRole('button').click();
  // One first visit is the most that somebody has: a second is asked about.
  await expect(problem(page)).toContainText('You already have 1 visit of this kind ahead');
  await axe(page);
  await page.getByLabel('Why does the rule not count this once?').fill('Two rooms, says Dr Weber');
  await press(page, 'Book the visit');
  await heading(page, new RegExp(family));
  await expect(page.getByText('Her knee')).toBeVisible();
  await page.getByRole('link', { name: 'The patient’s page' }).click();
  await expect(page.getByRole('heading', { name: 'Coming visits' })).toBeVisible();
  await expect(page.locator('main a[href*="/visits/"]')).toHaveCount(2);
  await axe(page);

  await page.getByRole('link', { name: 'Correct phone, email or address' }).click();
  await axe(page);
  await looksRight(page, seen);
  await page.getByLabel(/^Email/).fill('no address');
  await press(page, 'Save');
  await expect(problem(page)).toBeVisible();
  await axe(page);
  await page.getByLabel(/^Email/).fill('olabisi@example.com');
  await page.getByLabel(/^Phone/).fill('030 23125 177');
  await press(page, 'Save');
  await expect(page.getByText('Corrected')).toBeVisible();
  await expect(page.getByText('olabisi@example.com')).toBeVisible();

  await page.goto('/staff/riverside/matches');
  await heading(page, 'Possible duplicates');
  await axe(page);
  await looksRight(page, seen);
  await page.goto('/staff/riverside/no-such-page');
  await axe(page);
  await page.getByRole('link', { name: 'Back to the schedule' }).click();
  await expect(page.locator('#board')).toBeVisible();

  // Locked by hand, what was typed is kept, as when it locks by itself.
  if (!javaScriptEnabled) return;
  await page.goto(`/staff/riverside/new?day=${day}&time=11:00`);
  await page.getByLabel('Given name').fill('Half a name');
  await press(page, 'Lock');
  await heading(page, 'The desk is locked');
  expect(new URL(page.url()).searchParams.get('next')).toBe('/staff/riverside/go-on');
});

test('a board that lost its line is right again, and one who moves a visit misses nothing', async ({ page, mailbox, portico, axe, javaScriptEnabled, isMobile, tolerate }) => {
  test.skip(!javaScriptEnabled || Boolean(isMobile), 'the line needs a script, and moving a keyboard');
  tolerate(/40[13]|50[23]|request failed/);
  await comeToWork(page, portico, mailbox, axe);
  const day = comingMonday(6);
  const board = page;
  const desk = await page.context().newPage();
  await newVisit(desk, day, '10:00', 'Zuerst');
  // A server that starts anew says so, and no stream: the browser would give up.
  let down = true;
  await board.route('**/events', (route) => (down ? route.fulfill({ status: 503, body: 'starting' }) : route.continue()));
  await board.goto(`/staff/riverside/schedule?day=${day}`);
  await expect(board.locator('.entry a', { hasText: 'Zuerst' })).toBeVisible();
  await newVisit(desk, day, '11:00', 'Unterdessen');
  down = false;
  await expect(board.locator('.entry a', { hasText: 'Unterdessen' })).toBeVisible({ timeout: 15_000 });
  // What happens while a visit is being moved is there when it is put back.
  await board.locator('.entry a', { hasText: 'Zuerst' }).focus();
  await board.keyboard.press('m');
  await expect(board.locator('.aim')).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(`/staff/riverside/schedule?day=${day}`);
  await newVisit(desk, day, '14:00', 'Zuletzt');
  // Another board has heard of it by then.
  await expect(other.locator('.entry a', { hasText: 'Zuletzt' })).toBeVisible({ timeout: 10_000 });
  await expect(board.locator('.entry a', { hasText: 'Zuletzt' })).toHaveCount(0);
  await board.keyboard.press('Escape');
  await expect(board.locator('.entry a', { hasText: 'Zuletzt' })).toBeVisible({ timeout: 10_000 });
});
