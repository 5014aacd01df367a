// A new visit takes less than 15 seconds from the board, by the keystroke-level model of Card, Moran and Newell (1980):
// what a practised person types, presses and has to think of is counted, not how fast this machine is.
import type { Page } from '@playwright/test';
import { comingMonday } from '../../lib/days.mjs';
import { desktop } from '../../lib/portico.mjs';
import { comeToWork } from '../../lib/work.js';
import { expect, test } from '../../lib/test.js';

test.use({ viewport: desktop });

/** Seconds: a key of an average typist, a thought before something new, an answer of the server. */
const KEY = 0.2, THOUGHT = 1.35, ANSWER = 0.1;
const GOAL = 15;

/** Somebody with a keyboard and no mouse. */
class Hand {
  private keys = 0;
  private thoughts = 0;
  private answers = 0;
  constructor(private readonly page: Page) {}

  /** Keys, as Playwright calls them. */
  async press(...keys: string[]) {
    for (const key of keys) {
      this.keys += key.split('+').length;
      await this.page.keyboard.press(key);
    }
  }

  /** A word or number that has to be known first. */
  async type(text: string) {
    this.thoughts += 1;
    this.keys += text.length;
    await this.page.keyboard.type(text);
  }

  /** Until something is the one with the focus: what lies between is passed with Tab, as everybody passes it. */
  async tabTo(what: ReturnType<Page['locator']>) {
    for (let tabs = 0; tabs < 40; tabs += 1) {
      if (await what.evaluate((element) => element === document.activeElement)) return;
      await this.press('Tab');
    }
    throw new Error('the keyboard does not come there');
  }

  /** Looks at something and decides. */
  decide() {
    this.thoughts += 1;
  }

  async pageComes(name: string | RegExp) {
    this.answers += 1;
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  seconds() {
    return this.keys * KEY + this.thoughts * THOUGHT + this.answers * ANSWER;
  }

  toString() {
    return `${this.keys} keys, ${this.thoughts} thoughts, ${this.answers} answers: ${this.seconds().toFixed(1)} s`;
  }
}

test('a new visit is in the book within fifteen seconds', async ({ page, axe, mailbox, portico, tolerate }, info) => {
  tolerate(/40[13]/);
  await comeToWork(page, portico, mailbox, axe);
  const board = `/staff/riverside/schedule?day=${comingMonday(6)}`;
  const free = page.locator('form[action="/fn/desk-book"] input[type=radio]').first();
  const settled = async () => { await page.waitForLoadState('networkidle'); };

  // Somebody new, who says their name and birth date on the phone.
  await page.goto(board);
  await settled();
  const first = new Hand(page);
  first.decide();
  await first.press('n');
  await first.pageComes('New visit');
  await settled();
  await first.tabTo(page.getByLabel('Given name'));
  await first.type('Lena');
  await first.press('Tab');
  await first.type('Sommerfeld');
  await first.press('Tab');
  await first.type('4');
  await first.press('Tab');
  await first.press('5', 'Tab');
  await first.press('1', '9', '8', '1');
  await first.tabTo(free);
  first.decide();
  await first.press('Space', 'Enter');
  await first.pageComes(/Sommerfeld/);
  info.annotations.push({ type: 'somebody new', description: `${first}` });

  // Somebody the clinic knows, who wants another visit than the one that is proposed.
  await page.goto(board);
  await settled();
  const second = new Hand(page);
  second.decide();
  await second.press('/');
  await second.type('sommer');
  await second.press('Enter');
  await second.pageComes(/./);
  await settled();
  second.decide();
  await second.tabTo(page.getByRole('row', { name: /Sommerfeld/ }).getByRole('link', { name: 'Book' }));
  await second.press('Enter');
  await second.pageComes('New visit');
  await settled();
  await second.tabTo(page.getByLabel('Visit', { exact: true }));
  await second.type('blo');
  await expect(page.getByLabel('Visit', { exact: true })).toHaveValue('blood-draw');
  await settled();
  await second.tabTo(free);
  second.decide();
  await second.press('Space', 'Enter');
  await second.pageComes(/Sommerfeld/);
  info.annotations.push({ type: 'somebody known', description: `${second}` });
  for (const hand of [first, second]) expect(hand.seconds(), `${hand}`).toBeLessThan(GOAL);
});
