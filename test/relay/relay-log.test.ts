import { expect, test } from '@jest/globals'
import { createLog } from '../../src/relay/relay-log.ts'

function logged(message: string, fields?: Record<string, string>): string {
  const lines: string[] = []
  const secrets = ['top-secret-word', 'quote"and\\back']
  createLog({ write: (line) => lines.push(line), now: () => 0, secrets })('info', message, fields)
  return lines.join('\n')
}

test('A log line is one JSON object with time, level and message first.', () => {
  expect(logged('Delivery ignored', { id: 'msg_1' })).toBe(
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"Delivery ignored","id":"msg_1"}',
  )
})

test('Control characters cannot end a log line.', () => {
  expect(logged('x', { reason: 'a\r\n::error::b\u001b[31m\u0000' })).toContain(
    '"a\\r\\n::error::b\\u001b[31m\\u0000"',
  )
})

test('The log cuts long texts.', () => {
  expect(logged('x', { reason: 'y'.repeat(100_000) }).length).toBeLessThan(1200)
})

test('The log cuts a long text between two characters, and writes no half of one.', () => {
  const { reason } = JSON.parse(logged('x', { reason: `y${'😀'.repeat(1000)}` }))
  expect(reason).toBe(`y${'😀'.repeat(499)}…`)
  expect(JSON.parse(logged('x', { reason: 'a\ud83d' })).reason).toBe('a\ufffd')
})

test('The log hides a secret completely where a long text is cut in the middle of it.', () => {
  expect(logged('x', { reason: `${'y'.repeat(990)}top-secret-word` })).not.toContain('top-')
})

test.each(['top-secret-word', 'quote"and\\back'])(
  'The log hides a secret in the message and in every field (%s).',
  (secret) => {
    const line = logged(`a ${secret} b`, { reason: secret })
    expect(JSON.parse(line)).toMatchObject({ message: 'a *** b', reason: '***' })
  },
)

test.each([
  ['in base64', Buffer.from('top-secret-word').toString('base64')],
  ['in hex', Buffer.from('top-secret-word').toString('hex')],
  ['percent-encoded', encodeURIComponent('quote"and\\back')],
  ['in JSON inside a field', JSON.stringify({ token: 'quote"and\\back' })],
])('A secret is taken out %s.', (_, encoded) => {
  const { reason } = JSON.parse(logged('x', { reason: encoded }))
  expect(reason).toContain('***')
  expect(reason).not.toContain(encoded)
})
