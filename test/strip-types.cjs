// Jest's transformer: Node strips the types itself, so tests run exactly what Node runs.
// https://nodejs.org/api/module.html#modulestriptypescripttypescode-options
'use strict'

const { createHash } = require('node:crypto')
const { stripTypeScriptTypes } = require('node:module')

module.exports = {
  canInstrument: false,
  getCacheKey: (/** @type {string} */ source, /** @type {string} */ file) =>
    createHash('sha256').update(process.version).update(file).update(source).digest('hex'),
  process: (/** @type {string} */ source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
}
