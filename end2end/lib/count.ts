import type { Reporter, Suite } from '@playwright/test/reporter';

/** Ends the browser tests with the one line that .ci/test.sh counts. */
export default class Count implements Reporter {
  private suite?: Suite;

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  onEnd(): void {
    const outcomes = (this.suite?.allTests() ?? []).map((test) => test.outcome());
    const skipped = outcomes.filter((outcome) => outcome === 'skipped').length;
    const passed = outcomes.filter((outcome) => outcome === 'expected').length;
    console.log(`browser tests: ${passed} passed, ${outcomes.length - passed - skipped} failed, ${skipped} skipped`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
