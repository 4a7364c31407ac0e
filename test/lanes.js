// The test lanes: which suites run together, and how long one test may take. jest.config.js makes a jest project of
// each, scripts/test.js runs them, and test/lint/lanes.test.ts checks that every suite has a lane and every lane runs.

/**
 * @typedef {object} Lane
 * @property {string[]} suites globs from the root of the repository; a suite runs in the first lane that names it
 * @property {number} timeoutMs limit of one test and of each hook, on a machine that is busy with other work
 */

/** @type {Record<string, Lane>} */
export const lanes = {
  // Suites that start the programs, a Worker or a trainer's processes, or that open many sockets.
  contract: {
    suites: [
      'test/action/*.test.ts',
      'test/action/runner/report-result.test.ts',
      'test/chaos/sabotage.test.ts',
      'test/github/app-tokens.test.ts',
      'test/http/proxy/clients.test.ts',
      'test/ledger/requests.test.ts',
      'test/publish/proxy.test.ts',
      'test/relay/adapters/*.test.ts',
      'test/relay/deploy.test.ts',
      'test/relay/fuzz.test.ts',
      'test/relay/program.test.ts',
      'test/relay/reconcile/{contract,cron-worker,failures,running,models}.test.ts',
      'test/run/crash/*.test.ts',
      'test/scripts/ci-run.test.ts',
      'test/scripts/lint-workflows.test.ts',
      'test/scripts/release-workflow.test.ts',
      'test/trainers/autotrain-classic/autotrain-classic.test.ts',
      'test/trainers/autotrain/autotrain{,-container,-script}.test.ts',
      'test/trainers/command/*.test.ts',
      'test/trainers/job/*.test.ts',
      'test/trainers/jobs/*.test.ts',
    ],
    timeoutMs: 120_000,
  },
  // One suite for each main promise, end to end with the packaged action and relay.
  main: {
    suites: [
      'test/e2e/event/{exactly-once,missed-events,no-loops,whole-path}.test.ts',
      'test/e2e/training/{training,training-autotrain}.test.ts',
    ],
    timeoutMs: 180_000,
  },
  // Every other end-to-end path, and the tests of the sandbox, the simulation and the demo.
  e2e: {
    suites: ['test/{chaos,demo,e2e,reality,sandbox,try}/**/*.test.ts'],
    timeoutMs: 300_000,
  },
  // Pages in a real Chromium.
  browser: {
    suites: ['test/browser/*.browser.ts'],
    timeoutMs: 120_000,
  },
  // Everything else: in one process, with nothing but loopback.
  unit: {
    suites: ['test/**/*.test.ts'],
    timeoutMs: 20_000,
  },
}
