import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

/** One mail as it arrived. */
interface Mail {
  /** `MAIL FROM` and `RCPT TO`, as sent. */
  readonly envelope: readonly string[]
  /** Header and body, with CRLF. */
  readonly text: string
}

/** A mail server on loopback that accepts everything after a login. */
export interface MailServer {
  readonly url: string
  readonly mails: readonly Mail[]
  close(): Promise<void>
}

/** Starts it. https://www.rfc-editor.org/rfc/rfc5321 */
export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = []
  const server = createServer((socket) => serve(socket, mails))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(socket: Socket, mails: Mail[]): void {
  let rest = ''
  let envelope: string[] = []
  let isText = false
  let isLogin = false
  let isKnown = false
  const say = (line: string) => socket.write(`${line}\r\n`)
  say('220 mail')
  const answer = (line: string) => {
    const [verb = ''] = line.toUpperCase().split(' ')
    if (isLogin || verb === 'AUTH') {
      isLogin = !isLogin && line.split(' ').length === 2
      isKnown = !isLogin
      return say(isLogin ? '334 ' : '235 ok')
    }
    if (verb === 'EHLO') return say('250-mail\r\n250 AUTH PLAIN')
    if (verb === 'QUIT') return socket.end('221 bye\r\n')
    if (!isKnown) return say('530 log in first')
    if (verb === 'DATA') {
      isText = true
      return say('354 go on')
    }
    if (verb === 'MAIL' || verb === 'RCPT') envelope.push(line)
    return say('250 ok')
  }
  socket.setEncoding('utf8').on('data', (text: string) => {
    rest += text
    for (;;) {
      const mark = isText ? '\r\n.\r\n' : '\r\n'
      const end = rest.indexOf(mark)
      if (end === -1) return
      const taken = rest.slice(0, end)
      rest = rest.slice(end + mark.length)
      if (isText) {
        mails.push({ envelope, text: `${taken}\r\n` })
        envelope = []
        isText = false
        say('250 taken')
      } else answer(taken)
    }
  })
  socket.on('error', () => undefined)
}
