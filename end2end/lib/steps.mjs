// The last steps of a booking, which only the browser that holds the time may see.
import { comingMonday } from './days.mjs';
import { newestMail } from './portico.mjs';

const CODE = /\b\d{3}[ -]?\d{3}\b/;

/**
 * Goes from a chosen time to the last page before it is booked, and stops at each: where it stands, and the cookies with
 * which another browser sees the same.
 * @param {import('@playwright/test').Browser} browser
 * @param {import('./portico.mjs').Portico} portico
 */
export async function* lastSteps(browser, portico) {
  const context = await browser.newContext({ baseURL: portico.url });
  const page = await context.newPage();
  const stop = async () => ({
    path: new URL(page.url()).pathname,
    cookie: (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; '),
  });
  const go = () => page.getByRole('button', { name: 'Continue', exact: true }).click();
  try {
    await page.goto(`/c/riverside/book/times?service=vaccination&with=any&day=${comingMonday(3)}`);
    await page.locator('label.slot').first().click();
    await page.getByRole('button', { name: /^Continue with/ }).click();
    await page.waitForURL(/\/book\/[0-9a-f-]{36}$/);
    yield await stop();

    const email = 'steps@example.com';
    await page.getByLabel('Me', { exact: true }).check();
    await page.getByLabel('Given name').fill('Amira');
    await page.getByLabel('Family name').fill('Probe');
    await page.getByLabel('Day', { exact: true }).fill('31');
    await page.getByLabel('Month', { exact: true }).fill('3');
    await page.getByLabel('Year', { exact: true }).fill('1984');
    await page.getByLabel('Your email address').fill(email);
    await go();
    await page.waitForURL(/\/code$/);
    yield await stop();

    const mail = await newestMail(portico, email, CODE);
    await page.getByLabel('Code').fill(CODE.exec(mail.text)?.[0] ?? '');
    await go();
    await page.waitForURL(/\/check$/);
    yield await stop();
  } finally {
    await context.close();
  }
}
