// SMART Scheduling Links: a page elsewhere lists a free time, and its link leads to that time and keeps who sent it.
import { expect, test } from '../lib/test.js';
import { bookButton, continueButton, fill, go, prove, somebody } from '../lib/booking.js';

type Slot = { start: string; extension: { url: string; valueUrl?: string }[] };

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled });

    test('a published slot is booked by its link', async ({ page, portico, mailbox, axe }) => {
      const manifest = await page.request.get('/api/v1/smart-scheduling/$bulk-publish').then((answer) => answer.json());
      const file = manifest.output.find((output: { type: string; url: string }) => output.type === 'Slot' && output.url.includes('/riverside/'));
      const lines = await page.request.get(file.url).then((answer) => answer.text());
      const slots = lines.trim().split('\n').map((line) => JSON.parse(line) as Slot);
      const linkOf = (slot: Slot) => slot.extension.find(({ valueUrl }) => valueUrl)?.valueUrl ?? '';
      const slot = slots.filter((one) => linkOf(one).includes('service=vaccination&')).at(javaScriptEnabled ? 20 : 24) as Slot;
      const link = new URL(linkOf(slot));
      expect(link.origin).toBe(portico.url);
      link.searchParams.set('source', 'source-abc');
      link.searchParams.set('booking-referral', `referral-${javaScriptEnabled}`);

      await page.goto(link.href);
      await expect(page.getByRole('heading', { level: 1, name: 'When suits you?' })).toBeVisible();
      await expect(page.locator('input[name=start]:checked')).toHaveValue(new Date(slot.start).toISOString().replace('.000', ''));
      await axe(page);
      await continueButton(page).click();
      const who = somebody();
      await fill(page, who);
      await go(page);
      await prove(page, mailbox, who);
      await bookButton(page).click();
      await page.waitForURL(/\/booked$/);

      const key = portico.run(['api-key', 'create', '--clinic', 'riverside', '--name', 'Links', '--scope', 'appointments:read']).trim().split('\n').at(-1);
      const told = await page.request.get('/api/v1/booking-referrals', { headers: { authorization: `Bearer ${key}` } }).then((answer) => answer.json());
      const visit = new URL(page.url()).pathname.split('/')[2];
      expect(told.items.filter((one: { appointment: string }) => one.appointment === visit))
        .toEqual([expect.objectContaining({ source: 'source-abc', booking_referral: `referral-${javaScriptEnabled}` })]);
    });
  });
}
