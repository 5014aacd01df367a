// Somebody with a keyboard and no mouse.
import { expect, type Locator, type Page } from '@playwright/test';

/** With Tab, as everybody comes to a thing; each stop on the way has to be seen. */
export async function tabTo(page: Page, what: Locator): Promise<void> {
  await what.waitFor();
  for (let tabs = 0; tabs < 150; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await what.evaluate((element) => element === document.activeElement)) {
      await expect(what).toBeInViewport();
      return;
    }
  }
  throw new Error(`the keyboard does not come to ${what}`);
}

/** Comes to it and presses it: a link, a button, what unfolds. */
export async function pressAt(page: Page, what: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, what);
  await page.keyboard.press(key);
}

/** Comes to a field and types in the place of what stands there. */
export async function typeAt(page: Page, what: Locator, text: string): Promise<void> {
  await tabTo(page, what);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
}

/** Comes to the group of a choice, and to it with the arrows. */
export async function chooseAt(page: Page, what: Locator): Promise<void> {
  const name = await what.getAttribute('name');
  const group = page.locator(`input[type=radio][name="${name}"]`);
  const checked = group.and(page.locator(':checked'));
  await tabTo(page, (await checked.count()) > 0 ? checked.first() : group.first());
  await page.keyboard.press('Space');
  for (let steps = await group.count(); steps > 0 && !(await what.isChecked()); steps -= 1) await page.keyboard.press('ArrowDown');
  await expect(what).toBeChecked();
}
