import { describe, expect, test } from '@jest/globals'
import {
  type CommandOptions,
  uvCommand,
  uvEnvironment,
  uvImage,
} from '../../../src/trainers/script/command.ts'
import { pythonOfImage } from '../../../src/trainers/script/header/python-version.ts'

const command = (options: Partial<CommandOptions> = {}) =>
  uvCommand({
    script: 'training/train.py',
    isLocked: false,
    python: null,
    packages: [],
    args: [],
    ...options,
  })

test('A script runs with uv alone.', () => {
  expect(command()).toEqual(['uv', 'run', '/code/training/train.py'])
})

test('A lock, a Python, packages and arguments stand where uv reads them, each as one item.', () => {
  expect(
    command({
      isLocked: true,
      python: '3.11',
      packages: ['trl>=1,<2', ' peft '],
      args: ['--epochs', '$(id)', '--with', 'a b'],
    }),
  ).toEqual([
    'uv',
    'run',
    '--locked',
    '--python',
    '3.11',
    '--with',
    'trl>=1,<2',
    '--with',
    'peft',
    '/code/training/train.py',
    '--epochs',
    '$(id)',
    '--with',
    'a b',
  ])
})

describe('A command is refused', () => {
  test.each<[string, Partial<CommandOptions>, RegExp]>([
    ['with an empty argument', { args: ['--a', ''] }, /^script-args: argument 2 is empty.*remove it\.$/],
    ['with an option as a package', { packages: ['-r x.txt'] }, /^with: "-r x\.txt" is an option of pip/],
    ['with a path as a package', { packages: ['.'] }, /^with: "\." is a path/],
    ['with an option as its Python', { python: '--offline' }, /^python: "--offline" must be a version/],
    ['with an empty Python', { python: '' }, /^python: "" must be/],
    [
      'with a script outside of the checkout',
      { script: '../train.py' },
      /^script: .* inside of the checkout/,
    ],
    ['with a script by its absolute path', { script: '/etc/train.py' }, /inside of the checkout/],
  ])('%s.', (_, options, message) => {
    expect(() => command(options)).toThrow(message)
  })
})

test("uv downloads no Python unless another one than the image's is asked for.", () => {
  expect(uvEnvironment({ python: null })).toEqual({
    PYTHONUNBUFFERED: '1',
    UV_PROJECT_ENVIRONMENT: '/tmp/venv',
    UV_PYTHON_DOWNLOADS: 'never',
  })
  expect(uvEnvironment({ python: '3.11' })).not.toHaveProperty('UV_PYTHON_DOWNLOADS')
})

test('The default image names an exact uv and its Python, and is not a tag without git.', () => {
  expect(uvImage).toMatch(/:\d+\.\d+\.\d+-python\d\.\d+-[a-z]+$/)
  expect(pythonOfImage(uvImage)).not.toBeNull()
  expect(uvImage).not.toMatch(/slim|alpine/)
})
