// Jest's transformer for @actions/workflow-parser and @actions/languageservice, which import JSON without the
// attribute that Node asks for. https://nodejs.org/api/esm.html#json-modules
'use strict'

module.exports = {
  canInstrument: false,
  process: (/** @type {string} */ source) => ({
    code: source.replaceAll(/^(import .* from (["']).*\.json\2);?$/gm, "$1 with { type: 'json' };"),
  }),
}
