import { readFileSync } from 'node:fs';
import type { Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';

const colours = /\u001b\[[\d;]*m/g;

/** Ends the browser tests with what failed and why, and the one line that .ci/test.sh counts. */
export default class Count implements Reporter {
  private suite?: Suite;

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  onEnd(): void {
    const all = this.suite?.allTests() ?? [];
    const those = (outcome: ReturnType<TestCase['outcome']>) => all.filter((test) => test.outcome() === outcome);
    const [failed, again, skipped] = [those('unexpected'), those('flaky'), those('skipped')];
    for (const test of again) console.log(why('PASSED AT ITS SECOND TRY', test));
    for (const test of failed) console.log(why('FAILED', test));
    const passed = all.length - failed.length - skipped.length;
    console.log(`browser tests: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped${again.length > 0 ? `, ${again.length} passed only at the second try` : ''}`);
  }

  printsToStdio(): boolean {
    return true;
  }
}

/** CI keeps only the end of what was printed. */
function why(how: string, test: TestCase): string {
  const errors = test.results.flatMap((result) => result.errors);
  const lines = errors.map(({ message, location }) => `  line ${location?.line ?? '?'}: ${(message ?? '').replace(colours, '').slice(0, 600)}`);
  const stalls = test.results.flatMap(({ annotations }) => annotations).filter(({ type }) => type === 'stall').map(({ description }) => `  ${description}`);
  return [`${how} ${test.titlePath().filter(Boolean).join(' › ')}`, ...stalls, ...lines, ...test.results.flatMap(seen)].join('\n');
}

/** What the page said when the test gave up: its headings and messages. */
function seen(result: TestResult): string[] {
  const path = result.attachments.find(({ name }) => name === 'error-context')?.path;
  if (!path) return [];
  const page = readFileSync(path, 'utf8').split('# Page snapshot')[1] ?? '';
  const said = page.split('\n').filter((line) => /- (heading|alert|status|paragraph|textbox|button)\b/.test(line)).slice(0, 20);
  return said.length > 0 ? ['  the page then:', ...said.map((line) => `  ${line.trimEnd().slice(0, 160)}`)] : [];
}
