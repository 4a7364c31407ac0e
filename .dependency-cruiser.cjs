// Which room may import which: `npm run lint` checks it. docs/architecture.md draws the same picture.
// https://github.com/sverweij/dependency-cruiser/blob/main/doc/rules-reference.md
'use strict'

/** From the ground floor up. A room imports from the floors below its own, and from no neighbour. */
const floors = [
  ['domain'],
  ['http'],
  ['event', 'recipe', 'hub', 'github'],
  ['ledger', 'trainers', 'publish', 'report'],
  ['run'],
  ['action', 'relay', 'cli'],
]

const forbiddenFrom = floors.flatMap((rooms, floor) =>
  rooms.map((room) => {
    const below = floors.slice(0, floor).flat()
    return {
      name: `${room}-imports-only-from-below`,
      comment: `src/${room} may import ${below.length === 0 ? 'nothing else of src' : below.join(', ')}.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(?:${[room, ...below].join('|')})/` },
    }
  }),
)

/** The rooms without network, clock and environment. */
const pure = '^src/(?:domain|event|recipe|report)/'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...forbiddenFrom,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    {
      name: 'only-the-action-knows-the-runner',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:action/|index\\.ts)' },
      to: { path: 'node_modules/@actions/core' },
    },
    {
      name: 'pure-rooms-read-nothing',
      comment: 'domain, event, recipe and report are given what they work on.',
      severity: 'error',
      from: { path: pure },
      to: { path: '^(?:node:)?(?:fs|http|https|net|child_process|os|process|timers)' },
    },
    {
      name: 'the-relay-uses-web-standards',
      comment: 'Only src/relay/adapters knows a platform.',
      severity: 'error',
      from: { path: '^src/(?:relay|event)/', pathNot: '^src/relay/adapters/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'source-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
