// Preloaded (`node --import`) before any TypeScript of this repository runs outside jest.
import * as nodeModule from 'node:module'

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`Node ${process.versions.node} is too old: auto-retrain needs Node 24 or newer.`)
  process.exit(1)
}

// @actions/workflow-parser imports JSON without the attribute that Node asks for.
// https://nodejs.org/api/esm.html#json-modules
nodeModule.registerHooks({
  load: (url, context, next) =>
    url.endsWith('.json')
      ? next(url, { ...context, importAttributes: { type: 'json' } })
      : next(url, context),
})
