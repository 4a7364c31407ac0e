import { boolean, notOneLine, notText } from './recipe-key-forms.ts'
import type { KeyRow } from './recipe-key-rows.ts'

/** The default is false: the first input is another value. */
const yesOrNo = { ...boolean, inputs: [...boolean.inputs].reverse() }

const beside = { 'publish-to': 'acme/digits' }

/** The rows of the keys that say where a model is published, and what a training starts from. */
export const publishKeyRows = {
  publishTo: {
    fallback: null,
    inputs: [
      ['acme/digits', 'acme/digits'],
      ['A.b-c_d/E.f-g_h', 'A.b-c_d/E.f-g_h'],
    ],
    values: [
      ['acme/numbers', 'acme/numbers'],
      [null, null],
    ],
    wrongInputs: ['digits', 'acme/', '/digits', 'a/b/c', 'https://hub.test/acme/digits', ...notOneLine],
    wrongValues: ['', 'digits', ...notText],
  },
  publishPublic: { fallback: false, ...yesOrNo, beside },
  publishOver: { fallback: false, ...yesOrNo, beside },
  publishCode: { fallback: false, ...yesOrNo, beside },
  startFrom: {
    fallback: 'base',
    inputs: [
      ['published', 'published'],
      ['base', 'base'],
    ],
    values: [['published', 'published']],
    wrongInputs: ['', 'latest', 'acme/digits', ...notOneLine],
    wrongValues: ['', 'latest', ...notText],
    beside,
  },
} satisfies Partial<Record<string, KeyRow>>
