import { afterEach, describe, expect, test } from '@jest/globals'
import { type DemoProcess, startDemo } from './demo-process.ts'

let demo: DemoProcess
afterEach(() => demo.remove())

const stopped = 'Stopped: the demo ends what it has started, and then itself.'

describe('A demo that is interrupted leaves no process and no temporary file', () => {
  test('by Ctrl-C while it trains, says so in one sentence, and ends with 130.', async () => {
    demo = startDemo()
    await demo.says('✓ Start the Job')
    // The relay, the action and AutoTrain: without them the test would show nothing.
    expect(demo.left().length).toBeGreaterThan(4)
    const before = demo.output()
    demo.signal('SIGINT', 'group')
    expect(await demo.ended).toBe(130)
    expect(demo.left()).toEqual([])
    expect(demo.output().slice(before.length)).toBe(`\n${stopped}\n`)
  })

  test('by SIGTERM to the program alone, while the relay starts.', async () => {
    demo = startDemo()
    await demo.says('listen on loopback')
    demo.signal('SIGTERM')
    expect(await demo.ended).toBe(143)
    expect(demo.left()).toEqual([])
    expect(demo.output()).toContain(stopped)
  })

  test('by SIGTERM to the program alone, while it trains.', async () => {
    demo = startDemo()
    await demo.says('✓ Start the Job')
    demo.signal('SIGTERM')
    expect(await demo.ended).toBe(143)
    expect(demo.left()).toEqual([])
  })

  test('by a terminal that is closed while it trains.', async () => {
    demo = startDemo()
    await demo.says('✓ Start the Job')
    demo.hangUp()
    demo.signal('SIGHUP', 'group')
    expect(await demo.ended).toBe(129)
    expect(demo.left()).toEqual([])
  })

  test('by a second Ctrl-C right after the first.', async () => {
    demo = startDemo()
    await demo.says('✓ Start the Job')
    demo.signal('SIGINT', 'group')
    demo.signal('SIGINT', 'group')
    expect(await demo.ended).toBe(130)
    expect(demo.left()).toEqual([])
  })
})
