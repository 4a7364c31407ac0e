// Brings a file from one model to another as the action does, in a process of its own: Node reads the proxy and
// NODE_EXTRA_CA_CERTS when it starts. The argument is the Hub's URL, the token and the file as JSON.
import { useProxy } from '../../src/action/runner/proxy.ts'
import { systemClock } from '../../src/http/clock.ts'
import { defaultPolicy, withPolicy } from '../../src/http/exchange.ts'
import { createNodeSend } from '../../src/http/node-fetch.ts'
import { nameProxyInErrors } from '../../src/http/proxy/proxy.ts'
import { createHub } from '../../src/hub/hub.ts'
import { streamFile } from '../../src/hub/models/publish/stream-file.ts'

const { url, token, file } = JSON.parse(process.argv[2] ?? '')
const proxy = useProxy(process.env)
const http = withPolicy({ send: createNodeSend({ proxy }), policy: defaultPolicy, clock: systemClock })
const platformFetch = nameProxyInErrors({ proxy, send: fetch })
const hub = createHub({ url, token, http, platformFetch, clock: systemClock })
process.stdout.write(String(await streamFile(hub, file)), () => process.exit())
