// The desk's keys, dragging, and the live board. Every act has a link or a form as well: without this script the desk
// works, only slower. Plain script, because patients would otherwise load it with the one wasm.
const board = document.querySelector('#board');
const said = document.querySelector('#said');
const clinic = board?.dataset.clinic ?? location.pathname.split('/')[2];
const typing = (target) => target.closest('input, textarea, select, [contenteditable]');
const slots = () => [...(board?.querySelectorAll('.entry a') ?? [])];
const say = (words) => { if (said) said.textContent = words; };
const CELL = 300_000;

// A column's rows are the clock's on the wall: where the clock changes, they are an hour off from there on.
const shifted = (column, row) => (column.dataset.shiftRow && row >= Number(column.dataset.shiftRow) ? Number(column.dataset.shift) : 0);
/** When a row of a column begins, in milliseconds. */
const timeOf = (column, row) => Date.parse(column.dataset.start) + (row + shifted(column, row)) * CELL;
/** In which row of a column a moment lies. */
function rowOf(column, at) {
  const row = (at - Date.parse(column.dataset.start)) / CELL;
  const shift = Number(column.dataset.shift ?? 0);
  return shifted(column, row - shift) ? row - shift : row;
}

// ---- Keys
// Single letters can be turned off (WCAG 2.1.4): whoever dictates would press them by accident.
const KEYS = 'portico-desk-keys';
const keysAre = { get on() { return localStorage.getItem(KEYS) !== 'off'; } };
const toggle = document.querySelector('#keys-toggle');
const label = () => { if (toggle) toggle.textContent = keysAre.on ? 'Turn the keys off' : 'Turn the keys on'; };
toggle?.addEventListener('click', () => { localStorage.setItem(KEYS, keysAre.on ? 'off' : 'on'); label(); });
const opener = document.querySelector('#keys-open');
if (opener) opener.hidden = false;
opener?.addEventListener('click', () => document.querySelector('#keys')?.showModal());
label();

const go = document.querySelector('#day-go');
go?.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  go.removeAttribute('open');
  go.querySelector('summary').focus();
});

const keys = {
  n: () => { location.href = `/staff/${clinic}/new${location.search.includes('day=') ? location.search : ''}`; },
  '/': () => find(),
  t: () => document.querySelector('#day-today')?.click(),
  '[': () => document.querySelector('#day-back')?.click(),
  ']': () => document.querySelector('#day-on')?.click(),
  g: () => { if (go) { go.open = true; go.querySelector('input').focus(); } },
  p: () => print(),
  '?': () => document.querySelector('#keys')?.showModal(),
  m: () => moving(document.activeElement?.closest('.entry[draggable]')),
};

/** The field on this page, or the page that has it. */
function find() {
  const field = document.querySelector('#q');
  if (field) field.focus();
  else document.querySelector('.desk-side a[href$="/patients"]')?.click();
}

// What comes first on a page is ready for a scanner or for typing; on a phone that would open its keyboard over the page.
if (matchMedia('(hover: hover) and (pointer: fine)').matches && !location.hash && !document.querySelector('.problem')) {
  const finder = location.pathname.endsWith('/patients') && !location.search.includes('found=');
  document.querySelector(finder ? '#q' : '.desk-scan [name="code"]')?.focus({ preventScroll: true });
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && typing(event.target) && !document.querySelector('dialog[open]')) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
  if (aim) return aiming(event);
  if (event.key.startsWith('Arrow') && board) return wander(event);
  const act = keysAre.on && keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/** From visit to visit: up and down within a column, left and right to the nearest in time. */
function wander(event) {
  const all = slots();
  const here = document.activeElement?.closest('.entry a');
  if (!here) {
    if (!board.contains(document.activeElement) && document.activeElement !== document.body) return;
    event.preventDefault();
    all[0]?.focus();
    return;
  }
  event.preventDefault();
  const column = here.closest('ol');
  const within = all.filter((a) => a.closest('ol') === column);
  const at = within.indexOf(here);
  if (event.key === 'ArrowDown') within[at + 1]?.focus();
  if (event.key === 'ArrowUp') within[at - 1]?.focus();
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  const columns = [...board.querySelectorAll('.board-column ol')];
  const step = event.key === 'ArrowRight' ? 1 : -1;
  const top = here.getBoundingClientRect().top;
  const far = (a) => Math.abs(a.getBoundingClientRect().top - top);
  for (let n = columns.indexOf(column) + step; columns[n]; n += step) {
    const near = all.filter((a) => a.closest('ol') === columns[n]).sort((a, b) => far(a) - far(b))[0];
    if (near) return near.focus();
  }
}

// ---- Moving: by keys (m) or by dragging. The engine's verdict is shown before it is put there.
/** @type {{ slot: HTMLElement, mark: HTMLElement, column: HTMLElement, start: number, step: number, length: number, verdict: string, place: string, putting?: boolean } | null} */
let aim = null;
let asked = 0;

function moving(slot) {
  if (!slot) return;
  const mark = document.createElement('li');
  const length = Number(/\bn(\d+)/.exec(slot.className)?.[1] ?? 6);
  aim = { slot, mark, column: slot.closest('ol'), start: Date.parse(slot.dataset.start), step: Number(slot.dataset.step) / 5, length, verdict: '', place: '' };
  show();
}

let looking = Promise.resolve();
function show() {
  looking = look();
  return looking;
}

async function look() {
  const { slot, mark, column, start, length } = aim;
  aim.verdict = '';
  mark.className = `aim t${Math.max(0, Math.min(287, rowOf(column, start)))} n${length}`;
  column.append(mark);
  mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const number = asked += 1;
  const query = new URLSearchParams({ practitioner: column.dataset.with, start: new Date(start).toISOString() });
  const answer = await fetch(`/api/v1/staff/clinics/${clinic}/appointments/${slot.dataset.visit}/rehearsal?${query}`).catch(() => null);
  if (!aim || number !== asked) return;
  if (answer?.status === 401 || answer?.status === 403) return locked();
  const { verdict, words, when } = answer?.ok ? await answer.json() : { verdict: 'unknown', words: 'Portico cannot be reached.', when: '' };
  // Reading the answer takes a moment, too.
  if (!aim || number !== asked) return;
  aim.verdict = verdict;
  mark.classList.toggle('aim-no', verdict !== 'free');
  mark.textContent = when;
  // With whom, too: a live region that says the same again says nothing.
  aim.place = `with ${column.dataset.name}, ${when}`;
  say(verdict === 'free' ? `${aim.place}: free. Enter puts it there, Esc leaves it.` : `${aim.place}: ${words}`);
}

function aiming(event) {
  const columns = [...board.querySelectorAll('.board-column ol')];
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (sideways || along || event.key === 'Enter' || event.key === 'Escape') event.preventDefault();
  if (aim.putting) return;
  if (along) aim.start += along * (event.shiftKey ? 12 : aim.step) * CELL;
  if (sideways) {
    const people = columns.filter((column) => column.dataset.person);
    const next = people[people.indexOf(aim.column) + sideways];
    if (next) {
      aim.start = timeOf(next, rowOf(aim.column, aim.start));
      aim.column = next;
    }
  }
  if (sideways || along) show();
  if (event.key === 'Enter') put();
  if (event.key === 'Escape') {
    leave('It stays where it is.');
    catchUp();
  }
}

function leave(words) {
  aim?.mark.remove();
  aim?.slot.querySelector('a')?.focus();
  aim = null;
  say(words);
}

async function put() {
  // Of this very place, and not of the last one. Pressed twice it is put there once.
  if (!aim || aim.putting) return;
  aim.putting = true;
  await looking;
  if (!aim) return;
  const { slot, column, start, place, verdict } = aim;
  if (verdict !== 'free') {
    if (verdict === 'unknown' || verdict === '') return leave('Portico cannot be reached. It stays where it is.');
    // Where a rule says no, a page says which, asks for the reason, and has free times near it.
    const query = new URLSearchParams({ with: column.dataset.with, at: new Date(start).toISOString() });
    const link = Object.assign(document.createElement('a'), { href: `/staff/${clinic}/visits/${slot.dataset.visit}/move?${query}`, textContent: 'Move it all the same, or see free times' });
    leave(`${place}: it is not free there and stays where it is. `);
    said?.append(link);
    link.focus();
    return catchUp();
  }
  const answer = await fetch(`/api/v1/staff/clinics/${clinic}/appointments/${slot.dataset.visit}/move`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-match': `"${slot.dataset.version}"` },
    body: JSON.stringify({ practitioner: column.dataset.with, start: new Date(start).toISOString() }),
  }).catch(() => null);
  if (answer?.ok) {
    leave(`Moved: it is ${place} now.`);
    return refresh();
  }
  if (answer?.status === 401) return locked();
  const problem = await answer?.json().catch(() => null);
  leave(problem?.detail ?? problem?.title ?? 'Portico cannot be reached. It stays where it is.');
  refresh();
}

board?.addEventListener('dragstart', (event) => {
  const slot = event.target.closest?.('.entry[draggable]');
  if (!slot) return;
  event.dataTransfer.effectAllowed = 'move';
  event.dataTransfer.setData('text/plain', slot.dataset.visit);
  moving(slot);
});
board?.addEventListener('dragover', (event) => {
  const column = event.target.closest('.board-column ol');
  if (!aim || aim.putting || !column) return;
  event.preventDefault();
  const row = parseFloat(getComputedStyle(column).gridAutoRows);
  const cell = Math.floor((event.clientY - column.getBoundingClientRect().top) / row);
  // As far apart as its starts are, like the keys.
  const start = timeOf(column, Math.max(0, Math.floor(cell / aim.step) * aim.step));
  if (column === aim.column && start === aim.start) return;
  Object.assign(aim, { column, start });
  show();
});
let dropped = false;
board?.addEventListener('drop', (event) => {
  if (!aim) return;
  event.preventDefault();
  dropped = true;
  put().finally(() => { dropped = false; });
});
board?.addEventListener('dragend', () => { if (aim && !dropped) leave('It stays where it is.'); });

// ---- A click into free time is a new visit there.
board?.addEventListener('dblclick', (event) => {
  const column = event.target.closest('.board-column ol');
  if (!column || event.target.closest('.entry')) return;
  const row = parseFloat(getComputedStyle(column).gridAutoRows);
  const cell = Math.floor((event.clientY - column.getBoundingClientRect().top) / row / 3) * 3;
  const query = new URLSearchParams({ day: column.dataset.day, with: column.dataset.with, at: new Date(timeOf(column, cell)).toISOString() });
  location.href = `/staff/${clinic}/new?${query}`;
});

// ---- A new visit, or one that moves: whoever offers it and the next free times come by themselves, and Enter books.
const visit = document.querySelector('form[data-times]');
let looked = 0;
async function times() {
  const number = looked += 1;
  const typed = new FormData(visit);
  const query = new URLSearchParams({ day: typed.get('date') });
  for (const name of ['patient', 'service', 'with', 'time']) if (typed.get(name)) query.set(name, typed.get(name));
  const answer = await fetch(`${visit.dataset.times}?${query}`).catch(() => null);
  if (!answer?.ok || number !== looked) return;
  if (answer.redirected) return locked();
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#when');
  const old = document.querySelector('#when');
  if (!fresh || !old || number !== looked) return;
  const { id } = document.activeElement ?? {};
  const inside = old.contains(document.activeElement);
  // What was typed or chosen while the answer was on its way stays.
  for (const name of ['date', 'time']) fresh.querySelector(`[name=${name}]`).value = visit.elements[name].value;
  const chosen = old.querySelector('[name=slot]:checked')?.value;
  const same = chosen !== undefined && [...fresh.querySelectorAll('[name=slot]')].find((slot) => slot.value === chosen);
  if (same) same.checked = true;
  old.replaceWith(fresh);
  quick();
  if (inside) document.getElementById(id)?.focus();
  const count = fresh.querySelectorAll('[name=slot]').length - 1;
  say(count === 1 ? 'One free time' : `${count} free times`);
}
const quick = () => visit?.querySelector('button[name=look]')?.parentElement.remove();
if (visit) {
  quick();
  visit.addEventListener('change', (event) => { if (['service', 'with', 'date'].includes(event.target.name)) times(); });
  if (!document.querySelector('.problem')) visit.querySelector('[name=given], [name=service]')?.focus();
}

// ---- Live
/** What the server told last of how it stands. */
let told;

/** Draws the board anew when it is not as the server told, again when that fails, and after a move while somebody moves. */
async function catchUp() {
  if (!board || aim || told === undefined || told === board.dataset.pulse) return;
  if (!await refresh()) setTimeout(catchUp, 5_000);
}

/** Whether it was drawn. */
async function refresh() {
  const answer = await fetch(location.href, { headers: { 'portico-watches': 'yes' } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return answer?.redirected ? locked() : undefined;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#board');
  if (!fresh || aim) return;
  // A visit stands in several columns: the same one in the same column, or the same heading.
  const column = document.activeElement?.closest('.board-column')?.getAttribute('aria-labelledby');
  const focused = document.activeElement?.closest('.entry')?.dataset.visit;
  const heading = document.activeElement?.closest('.board-name');
  const { scrollTop, scrollLeft } = board;
  board.replaceChildren(...fresh.childNodes);
  board.dataset.pulse = fresh.dataset.pulse;
  Object.assign(board, { scrollTop, scrollLeft });
  const again = column && board.querySelector(`[aria-labelledby="${column}"]`);
  if (again && (focused || heading)) again.querySelector(focused ? `[data-visit="${focused}"] a` : '.board-name a')?.focus();
  return true;
}

const changed = (field) => field.type !== 'hidden' && (['radio', 'checkbox'].includes(field.type) ? field.checked !== field.defaultChecked : 'defaultValue' in field && field.value !== field.defaultValue);

/** The desk closed while nobody did anything: its page is hidden and the way back is offered. What was typed is kept on the server, not done. */
async function locked() {
  const next = await kept();
  if (next) {
    location.href = `/staff/prove?locked=yes&next=${encodeURIComponent(next)}`;
    return;
  }
  // Nobody reads on, and what was typed waits here until it can be kept.
  const main = document.querySelector('main');
  if (main && !main.hidden) {
    const told = Object.assign(document.createElement('p'), { className: 'not-live', textContent: 'The desk is locked. What you typed is kept as soon as Portico can be reached again.' });
    told.setAttribute('role', 'alert');
    main.hidden = true;
    main.before(told);
  }
  setTimeout(locked, 3_000);
}

/** Where one goes on: what was typed and not sent is kept there. Nothing: it could not be kept. */
async function kept() {
  const forms = [...document.querySelectorAll('main form[action^="/fn/"]:not([enctype])')];
  const typed = forms.find((form) => [...form.elements].some(changed));
  if (!typed) return location.pathname + location.search;
  const answer = await fetch(typed.action, { method: 'POST', body: new URLSearchParams(new FormData(typed)), headers: { 'portico-keeps': 'yes' }, redirect: 'manual' }).catch(() => null);
  return answer && answer.status < 500 ? `/staff/${clinic}/go-on` : null;
}

// Locked by hand, it is the same.
document.querySelector('form[action="/fn/staff-lock"]')?.addEventListener('submit', async (event) => {
  const form = event.currentTarget;
  event.preventDefault();
  form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'next', value: await kept() ?? location.pathname + location.search }));
  form.submit();
});

// The waiting list, likewise: whoever has a button in hand keeps it, and whoever chooses a room is not disturbed.
const list = document.querySelector('#waiting');
async function refreshList() {
  if (document.activeElement?.matches('#waiting select')) return;
  const answer = await fetch(location.href, { headers: { 'portico-watches': 'yes' } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return answer?.redirected ? locked() : undefined;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#waiting');
  if (!fresh || document.activeElement?.matches('#waiting select')) return;
  const active = list.contains(document.activeElement) ? document.activeElement : null;
  const visit = active?.closest('li')?.querySelector('a')?.getAttribute('href');
  const { value } = active ?? {};
  list.replaceChildren(...fresh.childNodes);
  list.dataset.pulse = fresh.dataset.pulse;
  const row = visit && list.querySelector(`a[href="${visit}"]`)?.closest('li');
  if (row) (row.querySelector(`button[value="${value}"]`) ?? row.querySelector('a')).focus();
}

// What a job is at: looked at again until it is done, unless somebody is at work in it.
for (const part of document.querySelectorAll('[data-again]')) {
  let tries = 0;
  const look = async () => {
    tries += 1;
    if (!part.dataset.again || tries > 30) return;
    if (!part.contains(document.activeElement) && document.visibilityState === 'visible') {
      const answer = await fetch(location.href, { headers: { 'portico-watches': 'yes' } }).catch(() => null);
      if (answer?.redirected) return locked();
      const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id);
      if (fresh && !part.contains(document.activeElement)) {
        part.replaceChildren(...fresh.childNodes);
        if (!fresh.dataset.again) delete part.dataset.again;
      }
    }
    setTimeout(look, 2_000);
  };
  setTimeout(look, 2_000);
}

/** Asks who is there. The words say how long is left once, because a screen reader would read each second. */
function locking(seconds) {
  let dialog = document.querySelector('#locking');
  if (!dialog) {
    dialog = Object.assign(document.createElement('dialog'), { id: 'locking' });
    dialog.setAttribute('aria-labelledby', 'locking-title');
    const title = Object.assign(document.createElement('h2'), { id: 'locking-title', textContent: 'Are you still there?' });
    const words = Object.assign(document.createElement('p'), { id: 'locking-words' });
    const stay = Object.assign(document.createElement('button'), { type: 'button', className: 'button', textContent: 'Stay at work', autofocus: true });
    // Asked for as somebody does, the page counts as an act.
    stay.addEventListener('click', () => fetch(`/staff/${clinic}/schedule`).then(() => dialog.close(), () => {}));
    const actions = Object.assign(document.createElement('p'), { className: 'actions' });
    actions.append(stay);
    dialog.append(title, words, actions);
    document.body.append(dialog);
  }
  dialog.querySelector('#locking-words').textContent = `Nobody did anything for a while. The desk locks in ${seconds} seconds. What you typed is kept.`;
  if (!dialog.open) dialog.showModal();
}

if (clinic && location.pathname.startsWith(`/staff/${clinic}`)) {
  listen(1_000);
  // A line that is cut says nothing by itself; the device does.
  addEventListener('offline', () => heard(false));
  addEventListener('online', () => listen(1_000));
}

/** Whoever looks is told while nothing is heard: a board that stands still looks like a quiet day. */
function heard(hears) {
  if (hears) {
    clearTimeout(listen.lost);
    listen.lost = undefined;
    document.querySelector('.not-live')?.remove();
    return;
  }
  listen.lost ??= setTimeout(() => {
    const words = 'The connection is lost: what you see may be out of date. It is tried again by itself.';
    const told = Object.assign(document.createElement('p'), { className: 'not-live', textContent: words });
    told.setAttribute('role', 'alert');
    document.querySelector('main')?.prepend(told);
  }, 3_000);
}

/** What a line that was refused was refused for nobody tells: a desk that locked meanwhile is not read on, and all else is
 * tried again. */
async function ask(wait) {
  const answer = await fetch(`/staff/${clinic}/events`).catch(() => null);
  answer?.body?.cancel();
  if (answer?.status === 401 || answer?.status === 404) return locked();
  listen(wait);
}

/** Hears of changes. A line that breaks the browser takes up again by itself; an answer that is no stream, as of a server
 * that starts anew, it takes for the last word. The first thing told is how it stands. */
function listen(wait) {
  clearTimeout(listen.again);
  listen.line?.close();
  const events = listen.line = new EventSource(`/staff/${clinic}/events`);
  events.addEventListener('open', () => { wait = 1_000; heard(true); });
  events.addEventListener('error', () => {
    heard(false);
    if (events.readyState === EventSource.CLOSED) listen.again = setTimeout(ask, wait, Math.min(2 * wait, 60_000));
  });
  events.addEventListener('pulse', (event) => {
    told = event.data;
    catchUp();
    if (list && event.data !== list.dataset.pulse) refreshList();
  });
  // Whatever page is open: nobody reads on at a desk that somebody left.
  events.addEventListener('locked', () => { events.close(); locked(); });
  // Before that somebody is asked whether they are there; any tab may answer.
  events.addEventListener('locking', (event) => locking(Number(event.data)));
  events.addEventListener('staying', () => document.querySelector('#locking')?.close());
}
// How long somebody has waited.
if (list) setInterval(() => { if (document.visibilityState === 'visible') refreshList(); }, 60_000);
if (board) {
  // The line of now, and who is late.
  setInterval(() => { if (document.visibilityState === 'visible') refresh(); }, 60_000);
  board.querySelector('.b-now')?.scrollIntoView({ block: 'center' });
}

// ---- Links that are shown once
for (const field of document.querySelectorAll('[data-copy]')) {
  field.addEventListener('focus', () => field.select());
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'button button-second', textContent: 'Copy the link' });
  const told = document.createElement('span');
  told.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    field.select();
    told.textContent = await navigator.clipboard.writeText(field.value).then(() => 'Copied', () => 'Press Ctrl and C to copy it');
  });
  field.after(button, told);
}
