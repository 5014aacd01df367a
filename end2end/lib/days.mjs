// Days as the demo's clinic in Berlin counts them, whatever the hour at which the tests run.
const BERLIN = 'Europe/Berlin';

/** Today's date there, as 2026-03-29. */
export function today() {
  return new Intl.DateTimeFormat('en-CA', { timeZone: BERLIN, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date());
}

/**
 * The date of a Monday some weeks ahead, on which the clinic is open: 1 is the next one, never today. Tests that must not
 * meet take different weeks.
 * @param {number} weeks
 */
export function comingMonday(weeks = 2) {
  const [year, month, day] = today().split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCDate(date.getUTCDate() + ((8 - date.getUTCDay()) % 7 || 7) + 7 * (weeks - 1));
  return date.toISOString().slice(0, 10);
}

/**
 * The day before such a Monday: nobody works.
 * @param {number} weeks
 */
export function sundayBefore(weeks = 2) {
  const monday = new Date(`${comingMonday(weeks)}T00:00:00Z`);
  monday.setUTCDate(monday.getUTCDate() - 1);
  return monday.toISOString().slice(0, 10);
}
