// Pictures of every page and state of the booking journey into end2end/shots: phone and desktop, light and dark, with
// and without JavaScript.
//   node shoot.mjs                      everything
//   node shoot.mjs phone dark nojs      only what has all these words in its name
//   node shoot.mjs desk desktop         only the clinic's side
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { comingMonday } from './lib/days.mjs';
import { appCode } from './lib/desk.mjs';
import { desktop, launchOptions, newestMail, phone, startPortico } from './lib/portico.mjs';
import { signOnFile, startProvider } from './lib/provider.mjs';

const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'shots');
const wanted = process.argv.slice(2).filter((word) => word !== 'desk');
const deskAlone = process.argv.includes('desk');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const portico = await startPortico();
const browser = await chromium.launch(launchOptions);
const codeIn = (/** @type {string} */ text) => /\b\d{3}[ -]?\d{3}\b/.exec(text)?.[0] ?? '';
let number = 0;

const mail = (/** @type {string} */ to, /** @type {RegExp} */ text) => newestMail(portico, to, text);

/**
 * A person's way through everything, a picture at each stop.
 * @param {import('@playwright/test').Page} page
 * @param {(name: string) => Promise<void>} shot
 */
async function journey(page, shot) {
  number += 1;
  const email = `picture-${number}@example.com`;
  const open = async (/** @type {string} */ path, /** @type {string} */ name) => { await page.goto(path, { waitUntil: 'networkidle' }); await shot(name); };
  const press = (/** @type {string | RegExp} */ name) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();

  await open('/', 'find');
  await open('/?q=nothing+like+this', 'find-nothing');
  for (const clinic of ['riverside', 'northgate', 'harbour']) await open(`/c/${clinic}`, `clinic-${clinic}`);
  await open('/c/riverside/book', 'book-service');
  await open('/c/northgate/book', 'book-service-northgate');
  await open('/c/riverside/book/with?service=followup', 'book-with');
  await open('/c/riverside/book/times?service=vaccination&with=any', 'book-times');
  await open('/c/riverside/book/times?service=vaccination&with=any&day=2001-01-01', 'book-times-past');
  await open('/c/riverside/book/times/why?service=vaccination&with=any', 'book-why');
  await open('/c/northgate/book/times?service=no-such-visit&with=any', 'book-times-wrong');

  // A Monday, on which the clinic is open, and another for each journey.
  const week = comingMonday(number + 1);
  await page.goto(`/c/northgate/book/times?service=mri&with=any&day=${week}`, { waitUntil: 'networkidle' });
  await page.locator('label.slot').first().click();
  await press(/^Continue with/);
  await page.waitForURL(/\/book\/[0-9a-f-]{36}$/);
  await shot('details-asks');
  await press('Continue');
  await shot('details-asks-mistakes');
  await page.goto(`/c/riverside/book/times?service=vaccination&with=any&day=${week}`, { waitUntil: 'networkidle' });
  await page.locator('label.slot').first().click();
  await shot('book-times-chosen');
  await press(/^Continue with/);
  await page.waitForURL(/\/book\/[0-9a-f-]{36}$/);
  await shot('details');
  await press('Continue');
  await shot('details-mistakes');
  await page.getByLabel('Me', { exact: true }).check();
  await page.getByLabel('Given name').fill('Ọlábísí-Ζωή');
  await page.getByLabel('Family name').fill('Nguyễn von und zu Krähenwinkel-Σταματοπούλου');
  await page.getByLabel('Day', { exact: true }).fill('29');
  await page.getByLabel('Month', { exact: true }).fill('2');
  await page.getByLabel('Year', { exact: true }).fill('1984');
  await page.getByLabel('Your email address').fill(email);
  await shot('details-filled');
  await press('Continue');
  await page.waitForURL(/\/code$/);
  await shot('code');
  await page.getByLabel('Code').fill('000000');
  await press('Continue');
  await page.waitForLoadState('networkidle');
  await shot('code-wrong');
  await page.getByLabel('Code').fill(codeIn((await mail(email, /\b\d{3}[ -]?\d{3}\b/)).text));
  await press('Continue');
  await page.waitForURL(/\/check$/);
  await shot('check');
  await press(/^Book /);
  await page.waitForURL(/\/booked$/);
  await shot('booked');
  const visit = new URL(page.url()).pathname.replace(/\/booked$/, '');
  await open('/visits', 'visits');
  await open(visit, 'visit');
  await open(`${visit}/move`, 'move');
  await page.locator('label.slot').nth(1).click();
  await page.getByRole('button', { name: /^Continue with/ }).click();
  await page.waitForURL(/\/move\/[0-9a-f-]{36}/);
  await shot('move-check');
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForLoadState('networkidle');
  await open(visit, 'visit-moved');
  await open(`${visit}/cancel`, 'cancel');
  await page.getByRole('button', { name: /cancel/i }).first().click();
  await page.waitForLoadState('networkidle');
  await open(visit, 'visit-cancelled');
  await open('/c/riverside/book/00000000-0000-7000-8000-000000000000', 'hold-not-yours');
  await open('/sign-in', 'sign-in-signed-in');
  await open('/account', 'account');
  await open('/account/passkey', 'account-passkey');
  await open('/account/addresses', 'account-addresses');
  await open('/account/addresses/new', 'account-address-new');
  await open('/account/recovery-codes', 'account-recovery-codes');
  await press('Make recovery codes');
  await page.waitForLoadState('networkidle');
  await shot('account-recovery-codes-new');
  await press('I have kept them');
  await open('/c/riverside/waitlist?service=blood-draw', 'waitlist-join');
  await press('Join the waitlist');
  await page.waitForURL(/\/waitlist\//);
  await shot('waitlist-entry');
  await open(`${new URL(page.url()).pathname}/wishes`, 'waitlist-wishes');
  await open('/home', 'home');
  await open('/account/records', 'records');
  await open('/account/records/find?clinic=riverside', 'records-find');
  await press('Look for my records');
  await page.waitForLoadState('networkidle');
  await shot('records-find-mistakes');
  await page.getByLabel('Family name').fill('Nobody');
  await page.getByLabel('Day', { exact: true }).fill('1');
  await page.getByLabel('Month', { exact: true }).fill('1');
  await page.getByLabel('Year', { exact: true }).fill('1980');
  await press('Look for my records');
  await page.waitForLoadState('networkidle');
  await shot('records-claim');
  await open('/activate?code=7F3K-9QWX-2M4T-VB6D', 'activate');
  await page.goto('/account/records');
  const person = await page.locator('a[href^="/people/"]').first().getAttribute('href');
  await open(`${person}`, 'person');
  for (const section of ['name', 'address', 'interpreter', 'accessibility', 'coverage', 'allergies', 'allergies/add', 'communication']) {
    await open(`${person}/${section}`, `person-${section.replace('/', '-')}`);
  }
  await press('Save');
  await page.waitForLoadState('networkidle');
  await page.goto(`${person}/address`);
  await press('Save');
  await page.waitForLoadState('networkidle');
  await shot('person-address-mistakes');
  await page.goto(`${person}/coverage`);
  await press('Add the photo');
  await page.waitForLoadState('networkidle');
  await shot('person-coverage-photo-mistakes');
  await page.getByLabel('The front').check();
  await page.getByLabel('Photo', { exact: true }).setInputFiles(fileURLToPath(new URL('../public/icons/512.png', import.meta.url)));
  await press('Add the photo');
  await page.waitForLoadState('networkidle');
  await shot('person-coverage-photo');
  await open('/c/riverside/register', 'register');
  await press('Register');
  await page.waitForLoadState('networkidle');
  await shot('register-mistakes');
  await page.getByLabel('My child', { exact: true }).check();
  await page.getByLabel('Given name').fill('Nguyễn-Σταματία Abdul-Rahman');
  await page.getByLabel('Family name').fill('von und zu Krähenwinkel-Σταματοπούλου');
  await page.getByLabel('Day', { exact: true }).fill('29');
  await page.getByLabel('Month', { exact: true }).fill('2');
  await page.getByLabel('Year', { exact: true }).fill('2012');
  await press('Register');
  await page.waitForURL(/welcome=1/);
  await shot('register-language');
  const child = new URL(page.url()).pathname.split('/').slice(0, 3).join('/');
  for (const section of ['reach', 'interpreter', 'accessibility']) await open(`${child}/${section}?welcome=1`, `register-${section}`);
  await open(`${child}?welcome=done`, 'register-done');
  await open(`${child}/ask`, 'ask');
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForLoadState('networkidle');
  await shot('ask-mistakes');
  await page.getByRole('checkbox').first().check();
  await page.getByRole('textbox').fill('Ελένη is my daughter, and she cannot use a phone. '.repeat(12));
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForLoadState('networkidle');
  await shot('ask-waits');
  await open('/visits', 'visits-of-two');
  await open(`${person}/address`, 'person-address-of-two');
  await open(`${person}/helpers`, 'helpers');
  await open(`${person}/looks`, 'looks');
  await open(`${person}/helpers/new`, 'helpers-new');
  await open('/sign-in/again?next=/account', 'sign-in-again');
  await open('/sign-in/again?next=/account&sent=yes', 'sign-in-again-sent');
  await page.context().clearCookies();
  await open('/sign-in', 'sign-in');
  await open('/sign-in/recover', 'recover');
  await page.getByLabel('Your old email address').fill(email);
  await page.getByLabel('Recovery code').fill('7F3K-9QWX-2M4T-VB6D');
  await press('Go on');
  await page.waitForLoadState('networkidle');
  await shot('recover-begun');
  await desk(page, async (path, name) => { await page.goto(path, { waitUntil: 'load' }); await shot(name); }, shot);
  await page.context().clearCookies();
  await open('/visits', 'visits-signed-out');
  await open(visit, 'visit-not-yours');
  await open('/help', 'help');
  await open('/help?link=old', 'help-old-link');
  await open('/sorry?why=too_many', 'sorry');
  await open('/dev/mailbox', 'mailbox');
  await open('/no-such-page', 'not-found');
  await open('/api/docs', 'api-docs');
}

/**
 * The clinic's side.
 * @param {import('@playwright/test').Page} page
 * @param {(path: string, name: string) => Promise<void>} open
 * @param {(name: string) => Promise<void>} shot
 */
async function desk(page, open, shot) {
  await page.context().clearCookies();
  const to = `desk-${number}@example.com`;
  const invite = ['user', 'invite', '--clinic', 'riverside', '--role', 'manager', '--name', 'Kim Example', '--email', to];
  const link = new URL(portico.run(invite).trim().split('\n').at(-1) ?? '').pathname;
  const press = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true }).first().click();
  await open(link, 'desk-join-signed-out');
  await page.goto(`/sign-in?next=${encodeURIComponent(link)}`);
  await page.getByLabel('Email address').fill(to);
  await press('Send me a code');
  await page.waitForURL(/sign-in\/code/);
  await page.getByLabel('Code', { exact: true }).fill(codeIn((await mail(to, /\b\d{3} \d{3}\b/)).text));
  await press('Sign in');
  await page.waitForURL(/staff\/join/);
  await shot('desk-join');
  await press('Accept the invitation');
  await page.waitForURL(/staff\/prove/);
  await shot('desk-prove');
  await open('/staff/app', 'desk-app');
  await page.getByText('Type it in instead').click();
  await page.getByLabel('Code', { exact: true }).fill(appCode((await page.locator('.key').textContent()) ?? ''));
  await press('Use this app');
  await page.waitForURL(/\/staff/);
  const day = comingMonday(1);
  const days = await page.request.get(`/api/v1/staff/clinics/riverside/schedule?from=${day}`).then((answer) => answer.json());
  const first = days.entries.find((/** @type {{ kind: string }} */ entry) => entry.kind === 'visit');
  await open('/staff/riverside/schedule', 'desk-board');
  await open(`/staff/riverside/schedule?day=${day}`, 'desk-board-monday');
  const with_ = await page.locator('.board-name a').first().getAttribute('href');
  await open(`${with_}`, 'desk-board-week');
  await open('/staff/riverside/schedule?day=2031-12-25', 'desk-board-empty');
  if (first) await open(`/staff/riverside/visits/${first.appointment}`, 'desk-visit');
  if (first) await open(`/staff/riverside/visits/${first.appointment}/cancel`, 'desk-visit-cancel');
  if (first) await open(`/staff/riverside/visits/${first.appointment}/move?with=weber&at=${new Date(Date.parse(first.start) + 3_600_000).toISOString()}`, 'desk-visit-move');
  await open('/staff/riverside/no-such-page', 'desk-not-found');
  await open(`/staff/riverside/new?day=${day}`, 'desk-new');
  await press('Book the visit');
  await page.locator('.problem').waitFor();
  await shot('desk-new-mistakes');
  for (const [typed, name] of [['ka', 'desk-patients'], ['nobody at all', 'desk-patients-none']]) {
    await page.goto('/staff/riverside/patients');
    await page.getByRole('searchbox').fill(typed);
    await press('Find');
    await page.waitForURL(/found=yes/);
    await shot(name);
  }
  await patients(page, day, open, shot);
  await waitingRoom(page, open, shot);
  await open(`/staff/riverside/block?day=${day}`, 'desk-block');
  await open('/staff/riverside/waitlist', 'desk-waitlist');
  const waits = await page.request.get('/api/v1/staff/clinics/riverside/waitlist').then((answer) => answer.json());
  if (waits.items?.[0]) await open(`/staff/riverside/waitlist/${waits.items[0].id}`, 'desk-waitlist-entry');
  if (waits.items?.[0]) await open(`/staff/riverside/waitlist/new?patient=${waits.items[0].patient}&service=blood-draw`, 'desk-waitlist-new');
  await open('/staff/riverside/reconcile', 'desk-reconcile');
  await open('/staff/riverside/calendars', 'desk-calendars');
  await open('/staff/riverside/calendars/new', 'desk-calendar-new');
  await press('Begin to read it');
  await page.locator('.problem').waitFor();
  await shot('desk-calendar-new-mistakes');
  await page.goto('/staff/riverside/calendars');
  const calendar = await page.locator('tbody a').first().getAttribute('href');
  if (calendar) await open(calendar, 'desk-calendar');
  await page.goto('/staff/riverside/calendars/new');
  await page.getByLabel('What it is called').fill('Praxisverwaltungssystemkalenderexport der Gemeinschaftspraxis قسم الأشعة');
  await page.getByLabel('Address of the calendar').fill(`https://127.0.0.1:9/${'not-to-be-broken-'.repeat(6)}/calendar.ics`);
  await press('Begin to read it');
  await page.waitForURL(/calendars\/[0-9a-f-]{36}$/);
  await page.getByText('Change how it is read').click();
  await shot('desk-calendar-change');
  await page.goto('/staff/riverside/calendars/new');
  await page.getByLabel('What it is called').fill('Exports');
  await page.getByLabel('Tables (CSV) that you bring').check();
  await press('Begin to read it');
  await page.waitForURL(/calendars\/[0-9a-f-]{36}/);
  const table = 'Datum;Beginn;Ende;Behandler;Patientenname;Bemerkung, die niemand braucht\n03.03.2031;09:00;10:00;Dr Weber;Krähenwinkel-Σταματοπούλου, Zoë;Knie\n';
  await page.locator('#file').setInputFiles({ name: 'week.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await press('Read the file');
  await page.waitForURL(/columns/);
  await shot('desk-calendar-columns');
  await open('/staff/riverside/hours', 'desk-hours');
  await open('/staff/riverside/hours/of/weber', 'desk-hours-of');
  await open('/staff/riverside/hours/of/weber/week', 'desk-hours-week');
  await open('/staff/riverside/hours/of/weber/week?period=new', 'desk-hours-period');
  await open('/staff/riverside/hours/closures', 'desk-hours-closures');
  await open('/staff/riverside/hours/settings', 'desk-hours-settings');
  await open('/staff/riverside/hours/settings?level=clinic', 'desk-hours-settings-clinic');
  await open('/staff/riverside/hours/of/weber/away', 'desk-hours-away');
  await press('See what would come of it');
  await page.locator('.problem').waitFor();
  await shot('desk-hours-away-mistakes');
  await page.getByLabel('First day').fill('2031-12-24');
  await press('See what would come of it');
  await page.waitForURL(/rehearsals/);
  await shot('desk-hours-nobody');
  await open('/staff/riverside/hours/closure', 'desk-hours-closure');
  await page.getByLabel('First day closed').fill(day);
  await page.getByLabel('Why').fill('Staff training');
  await press('See what would come of it');
  await page.waitForURL(/rehearsals/);
  await shot('desk-hours-rehearsal');
  if (await page.getByLabel('Offer other times', { exact: false }).count()) {
    await press('Make the change');
    await page.locator('.problem').waitFor();
    await shot('desk-hours-rehearsal-mistakes');
    await page.getByLabel('Offer other times', { exact: false }).first().check();
  }
  await press('Make the change');
  await page.waitForURL(/done=yes/);
  await open('/staff/riverside/new-times', 'desk-new-times');
  // Opened again, for the next size.
  await page.goto('/staff/riverside/hours/closures');
  await page.getByRole('listitem').filter({ hasText: 'Staff training' }).getByRole('button', { name: /^Remove/ }).click();
  await page.waitForURL(/rehearsals/);
  await press('Make the change');
  await page.waitForURL(/done=yes/);
  await open('/staff/riverside/new-times', 'desk-new-times-none');
  await emergencies(page, to, open, shot);
  await open('/staff/riverside/calendar-links', 'desk-links');
  await press('Make a link');
  await page.locator('#link').waitFor();
  await shot('desk-link-made');
  await open('/staff/riverside/people', 'desk-people');
  await open('/staff/riverside/people/new', 'desk-people-new');
  await press('Lock');
  await page.waitForURL(/prove/);
  await shot('desk-locked');
  // Harbour's people come by their own sign-in.
  const provider = await startProvider({ sub: 'kim', name: 'Kim Example', groups: [] });
  const file = join(portico.dataDir, 'sso.toml');
  writeFileSync(file, signOnFile(provider).replaceAll('riverside', 'harbour').replaceAll('Riverside', 'Harbour'));
  portico.run(['sso', 'set', file, '--clinic', 'harbour']);
  provider.stop();
  await page.context().clearCookies();
  await open('/staff/harbour/schedule', 'desk-sign-in');
  await open('/staff/sign-in?next=/staff/harbour&why=no-post', 'desk-sign-in-refused');
}

/**
 * An emergency, and what the privacy officer sees of it: whoever is at the desk has these posts as well.
 * @param {import('@playwright/test').Page} page
 * @param {string} to
 * @param {(path: string, name: string) => Promise<void>} open
 * @param {(name: string) => Promise<void>} shot
 */
async function emergencies(page, to, open, shot) {
  for (const role of ['nurse', 'privacy-officer']) {
    const invite = ['user', 'invite', '--clinic', 'riverside', '--role', role, '--name', 'Kim Example', '--email', to];
    await page.goto(new URL(portico.run(invite).trim().split('\n').at(-1) ?? '').pathname);
    await page.getByRole('button', { name: 'Accept the invitation', exact: true }).click();
    await page.waitForURL(/\/staff/);
  }
  await open('/staff/riverside/emergency', 'desk-emergency');
  await page.getByLabel('Full name').fill('Nobody At All');
  await page.getByRole('button', { name: 'Open the chart for an hour' }).click();
  await page.locator('.problem').waitFor();
  await shot('desk-emergency-mistakes');
  await open('/staff/riverside/emergencies', 'desk-emergencies');
}

/**
 * One patient: their page, correcting how they are reached, and being asked whether somebody new is them.
 * @param {import('@playwright/test').Page} page
 * @param {string} day
 * @param {(path: string, name: string) => Promise<void>} open
 * @param {(name: string) => Promise<void>} shot
 */
async function patients(page, day, open, shot) {
  const { items } = await page.request.get('/api/v1/staff/clinics/riverside/patients?q=ka').then((answer) => answer.json());
  await open(`/staff/riverside/patients/${items[0].id}`, 'desk-patient');
  await open(`/staff/riverside/patients/${items[0].id}/contact`, 'desk-contact');
  await page.getByLabel('Email').fill('no address');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.problem').waitFor();
  await shot('desk-contact-mistakes');
  await open(`/staff/riverside/patients/${items[0].id}/online-booking`, 'desk-stop');
  await page.getByLabel('Why? The patient reads this').fill('Bitte rufen Sie uns an: Ihr letzter Besuch ist noch offen.');
  await page.getByRole('button', { name: 'Stop online booking' }).click();
  await page.waitForURL(/done=stopped/);
  await shot('desk-patient-stopped');
  await page.goto(`/staff/riverside/new?day=${day}&time=9:00`);
  const [given, ...family] = items[0].name.split(' ');
  const [year, month, date] = items[0].birth_date.split('-');
  for (const [label, value] of [['Given name', given], ['Family name', family.join(' ')], ['Month', month], ['Year', year]]) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await page.getByLabel('Day', { exact: true }).first().fill(date);
  await page.getByRole('button', { name: 'Book the visit', exact: true }).click();
  await page.waitForURL(/new\/who/);
  await shot('desk-new-who');
  await open('/staff/riverside/matches', 'desk-matches');
}

/**
 * The waiting room: whoever the demo has for today comes, one is called, and the screen shows it.
 * @param {import('@playwright/test').Page} page
 * @param {(path: string, name: string) => Promise<void>} open
 * @param {(name: string) => Promise<void>} shot
 */
async function waitingRoom(page, open, shot) {
  const api = '/api/v1/staff/clinics/riverside';
  const { entries } = await page.request.get(`${api}/schedule`).then((answer) => answer.json());
  const booked = entries.filter((/** @type {{ status?: string }} */ entry) => entry.status === 'booked').slice(0, 3);
  // As our own page would: a post that says neither where it comes from is refused.
  const headers = { origin: portico.url };
  const say = async (/** @type {string} */ visit, /** @type {string} */ status) => {
    const answer = await page.request.post(`${api}/appointments/${visit}/status`, { data: { status }, headers });
    if (!answer.ok()) console.log(`${status}: ANSWERED ${answer.status()} ${await answer.text()}`);
  };
  for (const { appointment } of booked) await say(appointment, 'arrived');
  for (const { appointment } of booked.slice(0, 1)) await say(appointment, 'called');
  await open('/staff/riverside/waiting', 'desk-waiting');
  const done = page.getByRole('button', { name: 'Done', exact: true });
  if (await done.count()) {
    await done.first().click();
    await page.waitForURL(/done=/);
    await shot('desk-waiting-slip');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.waitForURL(/waiting$/);
  }
  await page.getByLabel('The patient’s code').fill('7F3K-9QWX-2M4T-VB6D');
  await page.getByRole('button', { name: 'Check in', exact: true }).click();
  await page.locator('.problem').waitFor();
  await shot('desk-waiting-mistake');
  await open('/staff/riverside/poster', 'desk-poster');
  await page.goto('/staff/riverside/screen');
  await page.getByRole('button', { name: /^Make/ }).first().click();
  await page.waitForURL(/done=made/);
  await shot('desk-screen');
  const link = await page.locator('a.key').getAttribute('href');
  await open(new URL(`${link}`).pathname, 'screen');
  await open('/screen/ended', 'screen-dark');
  await open('/k/7F3K-9QWX-2M4T-VB6D', 'code-scanned');
}

try {
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      for (const javaScriptEnabled of [true, false]) {
        const kind = [size, colorScheme, javaScriptEnabled ? 'js' : 'nojs'];
        if (!wanted.every((word) => kind.includes(word))) continue;
        const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled, locale: 'en-GB', timezoneId: 'Pacific/Auckland', baseURL: portico.url });
        const page = await context.newPage();
        let n = 0;
        let status = 200;
        page.on('response', (response) => { if (response.request().isNavigationRequest() && response.frame() === page.mainFrame()) status = response.status(); });
        const shot = async (/** @type {string} */ name) => {
          n += 1;
          const file = `${kind.join('-')}.${String(n).padStart(2, '0')}-${name}.png`;
          await page.screenshot({ path: join(folder, file), fullPage: true });
          const wide = javaScriptEnabled && await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
          console.log(`${file}${wide ? '  WIDER THAN THE SCREEN' : ''}${status >= 400 ? `  ANSWERED ${status}` : ''}`);
        };
        if (deskAlone) {
          number += 1;
          await desk(page, async (path, name) => { await page.goto(path, { waitUntil: 'load' }); await shot(name); }, shot);
        } else {
          await journey(page, shot);
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await portico.stop();
}
console.log(`The pictures are in ${folder}`);
