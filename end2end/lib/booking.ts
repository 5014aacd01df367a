// Steps of the booking journey that its tests share.
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { comingMonday } from './days.mjs';

// Each journey uses a person and an address of its own, so that they do not meet one another's visits.
let people = 0;
export const somebody = () => {
  people += 1;
  return { given: 'Amira', family: `Probe ${process.pid}-${people}`, email: `probe-${process.pid}-${people}@example.com` };
};
export type Somebody = ReturnType<typeof somebody>;

export const continueButton = (page: Page) => page.getByRole('button', { name: /^Continue with/ });
export const problem = (page: Page) => page.locator('.problem');
export const hidden = '</textarea><script>window.hit = 1</script><b onmouseover="window.hit=1">';

/** Steps 1 and 2: a visit, anybody, the asked day (Monday in two weeks by default, so that there is room). */
export async function toTimes(page: Page, service = 'vaccination', day = comingMonday()): Promise<void> {
  await page.goto(`/c/riverside/book/times?service=${service}&with=any&day=${day}`);
  await expect(page.getByRole('heading', { level: 1, name: 'When suits you?' })).toBeVisible();
}

/** Chooses the nth free time; answers its value and words. */
export async function choose(page: Page, n = 0): Promise<{ start: string; label: string }> {
  const slot = page.locator('label.slot').nth(n);
  const start = (await slot.locator('input').getAttribute('value')) ?? '';
  const label = (await slot.locator('.slot-time').textContent()) ?? '';
  await slot.click();
  return { start, label };
}

export async function keep(page: Page, n = 0): Promise<{ start: string; label: string }> {
  const chosen = await choose(page, n);
  await continueButton(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Who is the visit for?' })).toBeVisible();
  return chosen;
}

export async function fill(page: Page, who: Somebody): Promise<void> {
  await page.getByLabel('Me', { exact: true }).check();
  await page.getByLabel('Given name').fill(who.given);
  await page.getByLabel('Family name').fill(who.family);
  await page.getByLabel('Day', { exact: true }).fill('31');
  await page.getByLabel('Month', { exact: true }).fill('mar');
  await page.getByLabel('Year', { exact: true }).fill('1984');
  await page.getByLabel('Your email address').fill(who.email);
}

export const go = (page: Page) => page.getByRole('button', { name: 'Continue', exact: true }).click();

type Mailbox = (wanted: { to: string; text: RegExp }) => Promise<{ text: string }>;

export async function prove(page: Page, mailbox: Mailbox, who: Somebody): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Check your email' })).toBeVisible();
  const mail = await mailbox({ to: who.email, text: /\b\d{3}[ -]?\d{3}\b/ });
  await page.getByLabel('Code').fill(/\b\d{3}[ -]?\d{3}\b/.exec(mail.text)?.[0] ?? '');
  await go(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Is everything right?' })).toBeVisible();
}

export async function toCheck(page: Page, mailbox: Mailbox, who = somebody(), n = 0): Promise<{ start: string; label: string }> {
  const chosen = await keep(page, n);
  await fill(page, who);
  await go(page);
  await prove(page, mailbox, who);
  return chosen;
}

export const bookButton = (page: Page) => page.getByRole('button', { name: /^Book / });
export const isBooked = (page: Page) => expect(page).toHaveURL(/\/visits\/[0-9a-f-]{36}\/booked$/);

/** Another browser, on the same terms as the test's. */
export async function another(browser: Browser, like: BrowserContext, baseURL: string, javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({ baseURL, javaScriptEnabled, viewport: like.pages()[0].viewportSize() });
  return context.newPage();
}

/** A browser keeps three times at most: three more make it give back the first, as time itself would. */
export async function letItRunOut(page: Page, day: string): Promise<void> {
  const tab = await page.context().newPage();
  await toTimes(tab, 'blood-draw', day);
  const starts = await tab.locator('input[name=start]').evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
  await tab.close();
  for (const start of starts.slice(-3)) {
    const form = { clinic: 'riverside', service: 'blood-draw', with: 'any', day, start };
    const answer = await post(page, 'hold', form);
    expect(answer.headers().location).toMatch(/\/book\/[0-9a-f-]{36}$/);
  }
}

/** Sends a form as this browser's pages do, without following the answer. */
export function post(page: Page, name: string, form: Record<string, string>) {
  return page.request.post(`/fn/${name}`, { form, maxRedirects: 0, headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin' } });
}

export async function awake(page: Page): Promise<void> {
  await page.locator('html[data-awake]').waitFor({ state: 'attached' });
}
