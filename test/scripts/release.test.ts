import { describe, expect, test } from '@jest/globals'
import { type ReleaseFacts, releaseNotes, releaseProblems } from '../../scripts/release/checks.ts'

const changelog = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-26

### Added

- A thing.

## [1.2.0] - 2026-10-01

- An older thing.

[Unreleased]: https://example.com
`
const facts: ReleaseFacts = {
  tag: 'v1.2.3',
  version: '1.2.3',
  lockVersions: ['1.2.3', '1.2.3'],
  changelog,
  addressed: { '.github/CODEOWNERS': '* @ada\n' },
}

describe('Before a release', () => {
  test('A tag that package.json and a dated section of the changelog name may be released.', () => {
    expect(releaseProblems(facts)).toEqual([])
  })

  test.each<[string, Partial<ReleaseFacts>, RegExp]>([
    ['a tag without a patch version', { tag: 'v1.2' }, /^The tag is v1\.2: /],
    ['a branch', { tag: 'main' }, /^The tag is main: /],
    [
      'a version that is not the tag',
      { version: '1.2.4', lockVersions: ['1.2.4'] },
      /^package\.json has the version 1\.2\.4/,
    ],
    [
      'a lock file that was not updated',
      { lockVersions: ['1.2.3', '1.2.2'] },
      /^package-lock\.json has another version/,
    ],
    [
      'a lock file without a version',
      { lockVersions: [undefined] },
      /^package-lock\.json has another version/,
    ],
    [
      'no section',
      { changelog: changelog.replace('[1.2.3]', '[1.2.4]') },
      /^CHANGELOG\.md has no section "## \[1\.2\.3\]/,
    ],
    [
      'a section without a day',
      { changelog: changelog.replace('2026-11-26', 'unreleased') },
      /has the date "unreleased"/,
    ],
    ['an empty section', { changelog: changelog.replace('### Added\n\n- A thing.\n', '') }, /is empty/],
    ['a placeholder', { addressed: { a: '* @OWNER' } }, /^a still has the placeholder OWNER/],
  ])('%s is found, and nothing else.', (_, change, sentence) => {
    expect(releaseProblems({ ...facts, ...change })).toEqual([expect.stringMatching(sentence)])
  })

  test('The notes are those of the version: neither of an older one, nor the links at the end.', () => {
    expect(releaseNotes(changelog, '1.2.3')).toBe('### Added\n\n- A thing.')
    expect(releaseNotes(changelog, '1.2.0')).toBe('- An older thing.')
    expect(releaseNotes(changelog, '1.2')).toBe('')
  })
})
