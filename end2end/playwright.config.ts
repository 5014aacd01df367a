import { defineConfig } from '@playwright/test';
import { desktop, launchOptions, phone } from './lib/portico.mjs';

// Journeys run three times: on a phone, on a phone without JavaScript, on a desktop.
// `tests/once` holds what does not depend on that.
export default defineConfig({
  testDir: 'tests',
  outputDir: '.playwright/results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // Long enough for the longest test on the slowest machine: what is stuck fails by the shorter ones first.
  timeout: 180_000,
  // A machine that stands still for a quarter of a minute fails whatever was waiting. What passes only at its second try is printed with its reason.
  retries: 1,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./lib/count.ts']],
  use: {
    browserName: 'chromium',
    launchOptions,
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    locale: 'en-GB',
    // Far from every demo clinic, mostly on another day: no page may show the browser's time for the clinic's.
    timezoneId: 'Pacific/Auckland',
    screenshot: 'only-on-failure',
    // Recording each step costs a sixth of the time; `--trace on` does it for a test that fails.
    trace: 'off',
  },
  projects: [
    { name: 'phone', testIgnore: 'once/**', use: { viewport: phone, hasTouch: true, isMobile: true } },
    { name: 'phone-nojs', testIgnore: 'once/**', use: { viewport: phone, hasTouch: true, isMobile: true, javaScriptEnabled: false } },
    { name: 'desktop', testIgnore: 'once/**', use: { viewport: desktop } },
    { name: 'once', testMatch: 'once/**/*.spec.ts', use: { viewport: phone } },
  ],
});
