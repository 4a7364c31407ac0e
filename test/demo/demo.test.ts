import { afterEach, describe, expect, test } from '@jest/globals'
import { type DemoProcess, startDemo } from './demo-process.ts'

let demo: DemoProcess
afterEach(() => demo.remove())

const stopped = 'Interrupted: stopping everything that the demo started.'

describe('An interrupted demo', () => {
  test('A demo that is stopped by Ctrl-C while it trains says so, exits with 130 and leaves nothing behind.', async () => {
    demo = startDemo()
    await demo.printed('✓ Start the Job')
    // The relay, the action and AutoTrain must be running, or the test would prove nothing.
    expect(demo.left().length).toBeGreaterThan(4)
    const before = demo.output()
    demo.signal('SIGINT', 'group')
    expect(await demo.ended).toBe(130)
    expect(demo.left()).toEqual([])
    expect(demo.output().slice(before.length)).toBe(`\n${stopped}\n`)
  })

  test('A demo whose program gets SIGTERM while the relay starts leaves nothing behind.', async () => {
    demo = startDemo()
    await demo.printed('listen on loopback')
    demo.signal('SIGTERM')
    expect(await demo.ended).toBe(143)
    expect(demo.left()).toEqual([])
    expect(demo.output()).toContain(stopped)
  })

  test('A demo whose program gets SIGTERM while it trains leaves nothing behind.', async () => {
    demo = startDemo()
    await demo.printed('✓ Start the Job')
    demo.signal('SIGTERM')
    expect(await demo.ended).toBe(143)
    expect(demo.left()).toEqual([])
  })

  test('A demo whose terminal is closed while it trains leaves nothing behind.', async () => {
    demo = startDemo()
    await demo.printed('✓ Start the Job')
    demo.hangUp()
    demo.signal('SIGHUP', 'group')
    expect(await demo.ended).toBe(129)
    expect(demo.left()).toEqual([])
  })

  test('A second Ctrl-C right after the first does not interrupt the clean-up of the demo.', async () => {
    demo = startDemo()
    await demo.printed('✓ Start the Job')
    demo.signal('SIGINT', 'group')
    demo.signal('SIGINT', 'group')
    expect(await demo.ended).toBe(130)
    expect(demo.left()).toEqual([])
  })
})
