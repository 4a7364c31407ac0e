/** Values of a file that are no text. null is absent, for every key. */
export const notText = [5, 0, true, false, [], ['x'], {}]
/** Texts with what no plain name has. */
export const notOneLine = ['x y', 'x\n', '$(id)', '"', '`id`', 'ü']
/** What is no duration. */
export const durations = {
  wrongInputs: ['', '0', '5', '5 m', '-5m', '1.5h', '5ms', '1h30m', 'soon', '5m\n'],
  wrongValues: ['', '5', ...notText],
}
/** Lists of globs, and what is none. */
export const globs = {
  inputs: [
    ['train/**', ['train/**']],
    ['train/**\n!**/*.md\n', ['train/**', '!**/*.md']],
    ['\r\n  train/** \r\n\n\tdata/*\n', ['train/**', 'data/*']],
  ],
  values: [
    [[], []],
    [
      ['a', 'b/**'],
      ['a', 'b/**'],
    ],
  ],
  wrongInputs: ['x'.repeat(501)],
  wrongValues: ['train/**', 5, 0, false, {}, [''], [5], [null], [['a']]],
} as const
/** True and false, and what is neither. */
export const boolean = {
  inputs: [
    ['false', false],
    ['true', true],
    ['False', false],
    ['TRUE', true],
  ],
  values: [
    [false, false],
    [true, true],
    ['true', true],
    ['FALSE', false],
  ],
  wrongInputs: ['', 'yes', 'no', 'on', 'off', '0', '1', 'null', 'truee', 'tRUE', 'constructor', '__proto__'],
  wrongValues: ['yes', 'no', 0, 1, '', [], {}],
} as const
/** Texts of an input that are no number of 0 or more. */
export const wrongNumbers = [
  '',
  '-1',
  '0x10',
  '1,5',
  '5 USD',
  '$5',
  '5%',
  'NaN',
  'Infinity',
  '12abc',
  '1__000',
  '_1',
  '1e999',
  '1 000',
]
/** Values of a file that are no number of 0 or more. */
export const notNumber = ['5 USD', '', 'nan', 'inf', true, false, [], {}, -1]
