/** Who asked GitHub for what, for the advice on its refusal. */
export interface GitHubAsk {
  /** The name of the token, as its owner knows it: `github-token`. */
  readonly token: string
  /** `owner/name` */
  readonly repository: string
  /** What gives the token the missing right. */
  readonly rights: string
  /** What replaces a token that is not accepted. */
  readonly renew: string
  /** What to check where GitHub shows no such thing to the token. */
  readonly missing: string
}

/** A message of GitHub whose cause is known. */
export interface KnownGitHubMessage {
  readonly id: string
  /** Matches GitHub's words. */
  readonly says: RegExp
  /** What to do about it, as the end of a sentence. */
  readonly advice: (ask: GitHubAsk) => string
  /** Where the message, or the rule behind it, is documented or reported. */
  readonly source: string
}

/**
 * GitHub's messages whose cause is known. One status has many causes, so only the words decide; the first row that
 * matches counts. A message that is in no row is shown without advice.
 */
export const knownGitHubMessages: readonly KnownGitHubMessage[] = [
  {
    id: 'address list',
    says: /\bIP (?:allow ?list|address)/i,
    advice: () =>
      "add the address of this machine to the organisation's IP allow list, or run on a machine whose address is listed",
    source: 'https://github.com/SalesforceFoundation/NPSP/issues/7247',
  },
  {
    id: 'single sign-on',
    says: /\bSAML\b|single sign-?on|\bSSO\b/i,
    advice: ({ token }) =>
      `authorise ${token} for single sign-on in the organisation (Configure SSO, on the page of the token)`,
    source: 'https://github.com/ossf/scorecard/issues/1504',
  },
  {
    id: 'archived',
    says: /\barchived\b/i,
    advice: ({ repository }) => `unarchive ${repository}, or use another repository`,
    source: 'https://docs.github.com/en/repositories/archiving-a-github-repository/archiving-repositories',
  },
  {
    id: 'suspended installation',
    says: /\binstallation\b.{0,40}\bsuspended\b/i,
    advice: () => "unsuspend it in the settings of the App's installation",
    source: 'https://github.com/google-gemini/gemini-cli/issues/12033',
  },
  {
    id: 'suspended account',
    says: /\baccount\b.{0,40}\bsuspended\b/i,
    advice: ({ token }) =>
      `the account that ${token} belongs to is suspended: use a token of another account`,
    source: 'https://github.com/sourcegraph/sourcegraph-public-snapshot/issues/16638',
  },
  {
    id: 'classic tokens forbidden',
    says: /tokens? \(classic\)|classic (?:personal access )?tokens?/i,
    advice: () => 'use a fine-grained token or a GitHub App',
    source: 'https://github.com/refined-github/refined-github/issues/6951',
  },
  {
    id: 'token lives too long',
    says: /\blifetime\b|\btokens?\b.{0,80}\b\d{1,4} days\b/i,
    advice: () => 'give the token an earlier expiry date',
    source: 'https://github.com/NixOS/org/issues/247',
  },
  {
    id: 'rules of the repository',
    says: /\brules? violations?|\brules?\b.{0,60}\b(?:broken|violated)|reference update failed|\bGH013\b|protected (?:ref|branch|tag)/i,
    advice: ({ token }) =>
      `the repository's rules do not let ${token} create refs: allow refs/auto-retrain/** in its rulesets (Settings, Rules)`,
    source: 'https://github.com/release-plz/action/issues/518',
  },
  {
    id: 'no right for a token of Actions or an App',
    says: /not accessible by integration/i,
    advice: ({ rights }) => rights,
    source: 'https://github.com/peter-evans/create-pull-request/issues/3236',
  },
  {
    id: 'no right for a personal token',
    says: /not accessible by personal access token|must have (?:admin|push|write)|required scopes?|write access to repository/i,
    advice: ({ rights }) => rights,
    source: 'https://github.com/peter-evans/repository-dispatch/issues/393',
  },
  {
    id: 'empty repository',
    says: /repository is empty/i,
    advice: ({ repository }) => `push a first commit: ${repository} has none yet`,
    source: 'https://docs.github.com/en/rest/git/refs#create-a-reference',
  },
  {
    id: 'unknown commit',
    says: /object does not exist/i,
    advice: ({ repository }) =>
      `the commit that this workflow runs on (GITHUB_SHA) is not a commit of ${repository}: push it first`,
    source: 'https://docs.github.com/en/rest/git/tags#create-a-tag-object',
  },
  {
    id: 'token not accepted',
    says: /bad credentials|requires authentication|\btoken\b.{0,40}\b(?:expired|revoked)/i,
    advice: ({ renew }) => renew,
    source: 'https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api',
  },
  {
    id: 'not found',
    says: /^not found$/i,
    advice: ({ missing }) => missing,
    source:
      'https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource',
  },
  {
    id: 'event type',
    says: /event_type/i,
    advice: () => 'check EVENT_TYPE: at most 100 characters',
    source: 'https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event',
  },
]

/**
 * What to do about a refusal of GitHub whose cause is known by its words.
 *
 * @param words what GitHub says; null when it says nothing
 * @returns the end of a sentence; null where the cause is not known: the status alone has many causes
 */
export function adviseOnGitHub(words: string | null, ask: GitHubAsk): string | null {
  if (words === null) return null
  return knownGitHubMessages.find(({ says }) => says.test(words))?.advice(ask) ?? null
}
