// The kept time: who has it, how long, and what happens when it is gone.
import { another, awake, bookButton, choose, continueButton, fill, go, isBooked, keep, letItRunOut, post, problem, prove, somebody, toCheck, toTimes } from '../lib/booking.js';
import { comingMonday } from '../lib/days.mjs';
import { expect, test } from '../lib/test.js';

test('going back after booking, and sending twice, does not book again', async ({ page, portico, mailbox }) => {
  const who = somebody();
  await toTimes(page, 'vaccination', comingMonday(3));
  await toCheck(page, mailbox, who);
  const form = { clinic: 'riverside', hold: new URL(page.url()).pathname.split('/')[4] };
  // Two at once, as an impatient double tap without a script sends them.
  const [one, two] = await Promise.all([post(page, 'confirm', form), post(page, 'confirm', form)]);
  expect(one.status()).toBe(303);
  expect(two.headers().location).toBe(one.headers().location);
  await page.goto(one.headers().location);
  await isBooked(page);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'This visit is already booked' })).toBeVisible();
  await page.getByRole('link', { name: 'See your visit' }).last().click();
  await isBooked(page);
  await expect(() => expect(portico.mails().filter((mail) => [mail.to].flat().some((to) => to.includes(who.email)) && mail.ics)).toHaveLength(1)).toPass();
});

test('a time that somebody else took meanwhile is refused kindly, and the next one is a tap away', async ({ page, axe, browser, context, baseURL, javaScriptEnabled }) => {
  await page.goto(`/c/riverside/book/times?service=new-patient&with=yilmaz&day=${comingMonday(3)}`);
  const mine = await choose(page, 1);
  const other = await another(browser, context, baseURL ?? '', javaScriptEnabled ?? true);
  await other.goto(page.url());
  await other.locator(`label.slot:has(input[value="${mine.start}"])`).click();
  await continueButton(other).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Who is the visit for?' })).toBeVisible();
  await continueButton(page).click();
  await expect(problem(page)).toContainText('Sorry, that time has just gone');
  await expect(problem(page)).toContainText('This time is taken');
  await expect(page.locator('.day[aria-current=date]')).toHaveAccessibleName(new RegExp(`${Number(comingMonday(3).slice(8))} `));
  await axe(page);
  const next = problem(page).getByRole('button').first();
  const words = (await next.textContent()) ?? '';
  await next.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Who is the visit for?' })).toBeVisible();
  await expect(page.locator('.lead')).toContainText(`, ${words.split(', ')[1]} to`);
  await other.context().close();
});

test('a kept time that ran out is had again with everything typed', async ({ page, axe, mailbox }) => {
  const who = somebody();
  const day = comingMonday(4);
  await toTimes(page, 'vaccination', day);
  await keep(page);
  await fill(page, who);
  await letItRunOut(page, day);
  await go(page);
  await expect(page.getByRole('status').filter({ hasText: 'It was still free, so we keep it for you again' }).or(page.getByRole('heading', { name: 'Check your email' })).first()).toBeVisible();
  await prove(page, mailbox, who);
  await letItRunOut(page, comingMonday(5));
  await bookButton(page).click();
  await expect(page.getByText(/The time had run out. It was still free/)).toBeVisible();
  await axe(page);
  await letItRunOut(page, comingMonday(6));
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'The time ran out' })).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: /^Keep .* for me again$/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Is everything right?' })).toBeVisible();
  await bookButton(page).click();
  await isBooked(page);
});

test('a kept time that ran out and went to somebody else leads to the next free times', async ({ page, axe, browser, context, baseURL, javaScriptEnabled }) => {
  const day = comingMonday(3);
  const who = somebody();
  await page.goto(`/c/riverside/book/times?service=ultrasound&with=any&day=${day}`);
  const mine = await keep(page);
  await page.getByLabel('Given name').fill(who.given);
  await letItRunOut(page, comingMonday(7));
  const other = await another(browser, context, baseURL ?? '', javaScriptEnabled ?? true);
  await other.goto(`/c/riverside/book/times?service=ultrasound&with=any&day=${day}`);
  await other.locator(`label.slot:has(input[value="${mine.start}"])`).click();
  await continueButton(other).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Who is the visit for?' })).toBeVisible();
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'That time is gone' })).toBeVisible();
  await axe(page);
  await page.locator('.next-times').getByRole('button').first().click();
  await expect(page.getByLabel('Given name'), 'what was typed came along').toHaveValue(who.given);
  await other.context().close();
});

test('Back from the details shows the kept time as one’s own, and choosing it again keeps the same hold', async ({ page }) => {
  await toTimes(page, 'blood-draw', comingMonday(4));
  const { start } = await keep(page, 3);
  const details = page.url();
  await page.getByRole('link', { name: 'Choose a time' }).click();
  const slot = page.locator(`label.slot:has(input[value="${start}"])`);
  await expect(slot).toContainText('kept for you');
  await expect(slot.locator('input')).toBeChecked();
  await continueButton(page).click();
  await expect(page).toHaveURL(details);
});

test('two tabs book two visits, each with its own details', async ({ page, mailbox }) => {
  const [one, two] = [somebody(), { ...somebody(), given: 'Bela' }];
  await toTimes(page, 'vaccination', comingMonday(8));
  await keep(page, 0);
  const tab = await page.context().newPage();
  await toTimes(tab, 'blood-draw', comingMonday(9));
  await keep(tab, 1);
  await fill(page, one);
  await fill(tab, { ...two, email: one.email });
  await go(page);
  await prove(page, mailbox, one);
  await go(tab);
  await expect(tab.getByText(`Bela ${two.family}`)).toBeVisible();
  await expect(tab.getByText('Blood draw')).toBeVisible();
  await expect(page.getByText(`Amira ${one.family}`)).toBeVisible();
  for (const each of [tab, page]) {
    await bookButton(each).click();
    await isBooked(each);
  }
});

test('a kept time can be kept longer, with what was typed so far', async ({ page }) => {
  await toTimes(page, 'vaccination', comingMonday(6));
  await keep(page, 1);
  await page.getByLabel('Given name').fill('Amira');
  await page.getByRole('button', { name: 'Keep it longer' }).click();
  await expect(page.getByText(/We keep this time for you until \d+:\d\d\./)).toBeVisible();
  await expect(page.getByLabel('Given name')).toHaveValue('Amira');
});

test('another browser’s kept time, and one that never was, are not found', async ({ page, browser, context, baseURL, javaScriptEnabled, tolerate }) => {
  tolerate(/404/);
  await toTimes(page, 'vaccination', comingMonday(7));
  await keep(page);
  const other = await another(browser, context, baseURL ?? '', javaScriptEnabled ?? true);
  for (const path of [page.url(), `${page.url()}/code`, `${page.url()}/check`, '/c/riverside/book/01a20294-5bbc-7705-b148-9ea3f5cb8bb9', '/c/riverside/book/nonsense', '/c/nowhere/book']) {
    expect((await other.goto(path))?.status(), path).toBe(404);
    await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await other.context().close();
});

test('steps cannot be skipped', async ({ page }) => {
  await toTimes(page, 'vaccination', comingMonday(7));
  await keep(page);
  const details = page.url();
  await page.goto(`${details}/check`);
  await expect(page).toHaveURL(details);
  await page.goto(`${details}/code`);
  await expect(page).toHaveURL(details);
});

test.describe('with a script', () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, 'what the islands add');

  test('the list follows the calendar without losing the choice or the focus', async ({ page, browser, context, baseURL, axe }) => {
    await page.clock.install();
    const url = `/c/riverside/book/times?service=new-patient&with=diallo&day=${comingMonday(4)}`;
    await page.goto(url);
    await awake(page);
    const lost = page.locator('label.slot').nth(1);
    const start = (await lost.locator('input').getAttribute('value')) ?? '';
    await choose(page, 8);
    const chosen = page.locator('input[name=start]:checked');
    const value = await chosen.getAttribute('value');
    await expect(chosen).toBeFocused();
    const other = await another(browser, context, baseURL ?? '', true);
    await other.goto(url);
    await other.locator(`label.slot:has(input[value="${start}"])`).click();
    await continueButton(other).click();
    await expect(other.getByRole('heading', { level: 1, name: 'Who is the visit for?' })).toBeVisible();
    await page.clock.fastForward(21_000);
    await expect(lost).toContainText('taken');
    await expect(lost.locator('input')).toBeDisabled();
    await expect(page.getByRole('status')).toContainText('No longer free');
    expect(await chosen.getAttribute('value')).toBe(value);
    await expect(chosen).toBeFocused();
    await axe(page);
    // Now the chosen one goes as well.
    await other.goto(url);
    await other.locator(`label.slot:has(input[value="${value}"])`).click();
    await continueButton(other).click();
    await expect(other.getByRole('heading', { level: 1, name: 'Who is the visit for?' })).toBeVisible();
    await page.clock.fastForward(21_000);
    await expect(page.getByRole('status')).toContainText('the time you chose, was just taken. Choose another time.');
    await expect(continueButton(page)).toHaveText('Continue with the chosen time');
    await other.context().close();
  });

  test('the kept time counts down, warns with two minutes to spare, and does not scold when it is over', async ({ page, axe }) => {
    await page.clock.install();
    await toTimes(page, 'vaccination', comingMonday(8));
    await keep(page, 2);
    await awake(page);
    const clock = page.locator('.clock');
    await expect(clock).toContainText(/(9|10) minutes left/);
    await expect(clock.getByRole('alert')).toHaveText(/^\s*$/);
    await page.clock.fastForward(8 * 60_000 + 5_000);
    await expect(clock).toContainText('2 minutes left');
    await expect(clock.getByRole('alert')).toHaveText('Finish soon, or choose “Keep it longer”.');
    await expect(page.getByRole('button', { name: 'Keep it longer' })).toBeVisible();
    await axe(page);
    await page.clock.fastForward(2 * 60_000);
    await expect(clock.getByRole('alert')).toContainText('The time has run out. Go on as usual');
    await expect(page.getByRole('link', { name: 'Other times' })).toBeVisible();
    await axe(page);
  });
});
