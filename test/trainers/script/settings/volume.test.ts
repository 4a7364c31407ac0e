import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readVolume, type ScriptVolume } from '../../../../src/trainers/script/settings/volume.ts'

// As parse_hf_mount of huggingface_hub 2.4.0 reads them.
test.each<[string, Partial<ScriptVolume>]>([
  ['hf://acme/model:/m', { type: 'model', source: 'acme/model', mountPath: '/m', readOnly: true }],
  ['hf://models/acme/model:/m/', { type: 'model', source: 'acme/model', mountPath: '/m' }],
  [
    'hf://datasets/acme/d@refs/pr/1:/d',
    { type: 'dataset', source: 'acme/d', revision: 'refs/pr/1', path: null },
  ],
  ['hf://datasets/acme/d@refs/convert/parquet/train:/d', { revision: 'refs/convert/parquet', path: 'train' }],
  ['hf://datasets/acme/d@feature%2Fx/a/b:/d:ro', { revision: 'feature/x', path: 'a/b', readOnly: true }],
  ['hf://datasets/acme/d/a@1:/d', { revision: null, path: 'a@1' }],
  ['hf://spaces/acme/s:/s', { type: 'space', source: 'acme/s' }],
  ['hf://buckets/acme/b:/out', { type: 'bucket', source: 'acme/b', readOnly: false }],
  ['hf://buckets/acme/b/sub/dir:/out:ro', { type: 'bucket', path: 'sub/dir', readOnly: true }],
  ['hf://datasets/acme/d:/database', { mountPath: '/database' }],
])('The volume %s is read.', (text, volume) => {
  expect(readVolume(text)).toMatchObject({ isRead: true, volume })
})

describe('A volume is refused', () => {
  test.each([
    ['./data:/mnt', /no repository and no bucket.*ship your own files with the list "files"/],
    ['hf://datasets/acme/d', /has no mount path: write it as/],
    ['hf://:/m', /has no mount path/],
    ['hf://datasets/acme/d:/data', /mounted at \/data, where the training has its dataset/],
    ['hf://datasets/acme/d:/data/', /mounted at \/data/],
    ['hf://datasets/acme/d:/data/more', /mounted at \/data/],
    ['hf://datasets/acme/d:/code', /mounted at \/code, where the training has its script/],
    ['hf://datasets/acme/d:/x/../code', /mount path with characters or segments/],
    ['hf://datasets/acme/d://code', /mount path with characters or segments/],
    ['hf://datasets/acme/d:/', /mount path with characters or segments/],
    ['hf://dataset/acme/d:/d', /has the type dataset: write datasets/],
    ['hf://kernels/acme/k:/k', /is a kernel/],
    ['hf://datasets/squad:/d', /does not name namespace\/name/],
    ['hf://datasets/acme/d@:/d', /no revision after @/],
    ['hf://datasets/acme/d/../x:/d', /a folder with an empty segment, \. or \.\./],
    ['hf://datasets/acme/d//x:/d', /a folder with an empty segment/],
    ['hf://datasets/acme/a..b:/d', /does not name namespace\/name/],
    ['hf://buckets/acme/b@main:/b', /is a bucket, which has no revisions/],
    ['hf://datasets/acme/d:/d:rw', /always mounted read-only: remove :rw/],
    [`hf://datasets/acme/d:${'/a'.repeat(1500)}`, /is too long/],
  ])('%s.', (text, problem) => {
    expect(readVolume(text)).toEqual({ isRead: false, problem: expect.stringMatching(problem) })
  })
})

test('Reading a volume never throws, and no volume covers the code or the data.', () => {
  const pieces = fc.constantFrom(
    'hf://',
    'datasets/',
    'buckets/',
    'acme/d',
    ':/',
    '/',
    'data',
    'code',
    '..',
    '.',
    '@',
    ':ro',
    ':rw',
    'x',
    '%2F',
  )
  const text = fc.array(pieces, { maxLength: 9 }).map((all) => `hf://acme/d${all.join('')}`)
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (given) => {
      const reading = readVolume(given)
      if (!reading.isRead) return
      const { mountPath } = reading.volume
      expect(mountPath).toMatch(/^\/[^/]/)
      expect(mountPath).not.toMatch(/^\/(?:code|data)(?:\/|$)|\/\.{0,2}(?:\/|$)/)
    }),
  )
})
