// Jest runs this before each suite: its projects have no time limit of their own.
// https://jestjs.io/docs/configuration#testtimeout-number
import { jest } from '@jest/globals'

jest.setTimeout(Reflect.get(globalThis, 'laneTimeoutMs'))
