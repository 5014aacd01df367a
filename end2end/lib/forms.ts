// What every form keeps to (GOV.UK, NHS, WCAG 1.3.5): how it looks before it is sent, and how it says what is wrong.
import { expect, type Locator, type Page } from '@playwright/test';

/** Every `/fn/…` that a looked-at page can be sent to. */
export type Seen = Set<string>;

type Look = { novalidate: string[]; disabled: string[]; unlabelled: string[]; beside: string[]; starred: string[]; ungrouped: string[]; purposes: string[]; words: string[]; headings: number; sentTo: string[] };

const typed = 'input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file]):not([type=submit]), textarea';

/** The rules that hold before anything was sent. */
export async function looksRight(page: Page, seen: Seen): Promise<void> {
  const look = await page.evaluate((typed): Look => {
    const name = (e: Element) => `${e.tagName.toLowerCase()}#${e.id || e.getAttribute('name')}`;
    const shown = (e: Element) => e.getClientRects().length > 0;
    const all = <E extends Element = HTMLInputElement>(selector: string) => Array.from(document.querySelectorAll<E>(selector));
    const fields = all(`main :is(${typed}, select, input[type=file])`).filter(shown);
    const labels = (field: HTMLInputElement) => Array.from(field.labels ?? []);
    const tokens = new Set(['off', 'name', 'given-name', 'family-name', 'nickname', 'email', 'tel', 'bday-day', 'bday-month', 'bday-year',
      'street-address', 'address-line1', 'address-line2', 'address-level1', 'address-level2', 'postal-code', 'country', 'country-name', 'language', 'organization', 'one-time-code', 'username', 'username webauthn']);
    return {
      novalidate: all<HTMLFormElement>('main form').filter((f) => f.querySelector(`${typed}, select, [type=radio]`) && !f.noValidate).map((f) => f.action),
      disabled: all('main :disabled').map(name),
      unlabelled: fields.filter((f) => labels(f).length === 0).map(name),
      // A label stands above its field, or the one who enlarges the page does not see both.
      beside: fields.filter((f) => labels(f).some((l) => l.getBoundingClientRect().bottom > f.getBoundingClientRect().top + 1)).map(name),
      starred: all<HTMLElement>('main :is(label, legend)').filter((l) => l.textContent?.includes('*')).map((l) => l.textContent ?? ''),
      ungrouped: all('main :is([type=radio])').filter((f) => !f.closest('fieldset')?.querySelector('legend')).map(name),
      purposes: all(`main :is(${typed})[autocomplete]`).filter((f) => !tokens.has(f.autocomplete)).map((f) => `${name(f)} ${f.autocomplete}`),
      words: all('main :is([autocomplete$=name], [type=email], [inputmode=numeric])').filter((f) => f.spellcheck).map(name),
      headings: all('h1').length,
      sentTo: all<HTMLFormElement>('form').map((f) => new URL(f.action).pathname).filter((path) => path.startsWith('/fn/')),
    };
  }, typed);
  look.sentTo.forEach((path) => seen.add(path));
  const { sentTo: _, ...rest } = look;
  expect.soft(rest, `the form of ${page.url()}`).toEqual({
    novalidate: [], disabled: [], unlabelled: [], beside: [], starred: [], ungrouped: [], purposes: [], words: [], headings: 1,
  });
}

/** What is typed into every field of one line or more; a number pad would not let it in, a person with a keyboard may. */
const nonsense = '"><b>Ωé\u0301日';

/** Sends a form with nothing in it, and with nonsense in it: each time the page says what is wrong in the same words twice, and keeps what was typed. */
export async function saysWhatIsWrong(page: Page, form: Locator, button: string | RegExp, refusesNonsense = true): Promise<void> {
  const action = await form.getAttribute('action');
  const fields = page.locator(`form[action="${action}"]`).filter({ has: page.getByRole('button', { name: button }) }).first().locator(typed).filter({ visible: true });
  const count = await fields.count();
  const optional = await optionals(fields);
  for (let n = 0; n < count; n += 1) await fields.nth(n).fill('');
  await form.getByRole('button', { name: button }).click();
  await wrong(page);
  // What need not be filled in is marked, and is no mistake.
  const mistaken = await page.locator('.problem a').evaluateAll((links) => links.map((link) => link.getAttribute('href')?.slice(1) ?? ''));
  expect.soft(mistaken.filter((id) => optional.includes(id)), `${action} asks for what is optional`).toEqual([]);
  if (count === 0 || !refusesNonsense) return;
  for (let n = 0; n < count; n += 1) await fields.nth(n).fill(`${nonsense}${n}`);
  await form.getByRole('button', { name: button }).click();
  await wrong(page);
  for (let n = 0; n < count; n += 1) await expect.soft(fields.nth(n), `${action} keeps what was typed`).toHaveValue(`${nonsense}${n}`);
}

function optionals(fields: Locator): Promise<string[]> {
  return fields.evaluateAll((all) => (all as HTMLInputElement[]).filter((f) => Array.from(f.labels ?? []).some((l) => l.textContent?.includes('(optional)'))).map((f) => f.id));
}

/** A page that says what is wrong (FRM-03). */
export async function wrong(page: Page): Promise<void> {
  await expect(page).toHaveTitle(/^Error: /);
  const summary = page.locator('.problem');
  await expect(summary.getByRole('heading', { name: 'There is a problem' })).toBeVisible();
  await expect.soft(summary).toBeFocused();
  const left = await page.evaluate(() => {
    const summary = document.querySelector('.problem') as HTMLElement;
    const links = Array.from(summary.querySelectorAll('a'));
    const target = (link: HTMLAnchorElement) => document.getElementById(link.hash.slice(1));
    const inline = (e: Element | null) => Array.from(e?.closest('.field, fieldset')?.querySelectorAll('.field-error') ?? []).map((p) => p.textContent?.trim());
    return {
      nothing: links.length === 0,
      belowHeading: Boolean(summary.compareDocumentPosition(document.querySelector('h1') as Node) & Node.DOCUMENT_POSITION_PRECEDING),
      nowhere: links.filter((link) => !target(link)?.matches('input, select, textarea, button, [tabindex]')).map((link) => link.hash),
      otherWords: links.filter((link) => !inline(target(link)).includes(`Error: ${link.textContent?.trim()}`)).map((link) => `${link.hash} ${link.textContent} ${inline(target(link))}`),
      unsaid: links.filter((link) => target(link)?.getAttribute('aria-invalid') !== 'true' && !target(link)?.matches('[type=radio], [type=checkbox]')).map((link) => link.hash),
    };
  });
  expect.soft(left, `mistakes of ${page.url()}`).toEqual({ nothing: false, belowHeading: false, nowhere: [], otherWords: [], unsaid: [] });
}
