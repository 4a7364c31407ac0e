// A sandbox Hub with one large dataset, for compare-revisions.ts.
import { startHub } from '../test/sandbox/hub/start.ts'
import { names } from '../test/sandbox/world.ts'

const count = Number(process.argv[2])
const hub = await startHub({ quotas: { api: 1_000_000, resolvers: 1_000_000, pages: 1_000_000 } })
hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
hub.createDataset({ name: names.dataset })
const path = (n: number) =>
  `train/class-${String(n % 100).padStart(3, '0')}/image-${String(n).padStart(7, '0')}.txt`
const files = Object.fromEntries(Array.from({ length: count }, (_, n) => [path(n), `content ${n}`]))
const from = hub.commit(names.dataset, { files }).sha
const changed = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [path(n * 7), `other ${n}`]))
const to = hub.commit(names.dataset, {
  files: { ...changed, 'train/class-000/new.txt': 'new', 'README.md': 'card' },
  deletions: [path(1)],
}).sha
process.send?.({ url: hub.url, from, to })
process.once('disconnect', () => hub.close())
