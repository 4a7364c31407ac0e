import { lanes } from './test/lanes.js'

const below = (/** @type {string} */ glob) => `**/${glob}`

const projects = Object.entries(lanes).map(([name, { suites, timeoutMs }], at, all) => {
  const inEarlierLanes = all.slice(0, at).flatMap(([, lane]) => lane.suites)
  return {
    displayName: name,
    testEnvironment: 'node',
    roots: ['<rootDir>/src', '<rootDir>/test'],
    extensionsToTreatAsEsm: ['.ts'],
    transform: {
      '\\.ts$': './test/strip-types.cjs',
      '/node_modules/@actions/.*\\.js$': './test/json-imports.cjs',
    },
    transformIgnorePatterns: ['/node_modules/(?!@actions/(?:languageservice|workflow-parser)/)'],
    testMatch: [...suites.map(below), ...inEarlierLanes.map((glob) => `!${below(glob)}`)],
    globals: { laneTimeoutMs: timeoutMs },
    setupFilesAfterEnv: ['<rootDir>/test/lane-timeout.js'],
  }
})

export default {
  projects,
  // Jest's default leaves a core free, and runs everything in one process on a machine with two.
  maxWorkers: '100%',
  // Coverage counts what runs in jest's own processes: the unit and contract lanes.
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text', 'html'],
}
