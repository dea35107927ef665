import { defineConfig } from 'vitest/config'

/** Tests that run beside each other in one file start processes, and play kernels to them: more at once would make those wait for their turn. */
const patience = { testTimeout: 30_000, hookTimeout: 60_000, maxConcurrency: 3 }

/** The conformance cases are written once and run three ways: functions in memory, processes, and two processes a module. */
const inProcesses = (form: 'processes' | 'replicas') => ({
  test: {
    ...patience,
    name: form,
    include: ['test/conformance/*.test.ts'],
    exclude: ['test/conformance/{every-case,hooks-of-the-kernel,workshop-*,live-*}.test.ts'],
    env: { CONFORMANCE_FORM: form },
    globalSetup: ['test/conformance/stage/setup.ts'],
  },
})

export default defineConfig({
  test: {
    // Much of a test's time is spent waiting for other processes, so that every core may have a file.
    maxWorkers: '100%',
    projects: [
      { test: { ...patience, name: 'all', include: ['test/**/*.test.ts', 'modules/*/test/**/*.test.ts'] } },
      inProcesses('processes'),
      inProcesses('replicas'),
    ],
  },
})
