/** What a request was about, for the advice on its refusal. */
export interface HubAsk {
  /** The Hub's web pages, without a trailing slash. */
  readonly hubUrl: string
  /** The account or organisation that the request was about. */
  readonly owner: string
  /** What gives hf-token the missing right: "give hf-token ...". */
  readonly rights: string
  /** What to check where the Hub shows no such thing to the token. */
  readonly missing: string
}

/** A message of the Hub whose cause is known. */
export interface KnownHubMessage {
  readonly id: string
  /** Matches the Hub's words. */
  readonly says: RegExp
  /** The `X-Error-Code` that says the same. */
  readonly code?: string
  /** What to do about it, as the end of a sentence. */
  readonly advice: (ask: HubAsk) => string
  /** Where the message, or the rule behind it, is documented or reported. */
  readonly source: string
}

/**
 * The Hub's messages whose cause is known. One status has many causes, so only the words decide; the first row that
 * matches counts. A message that is in no row is shown without advice.
 */
export const knownHubMessages: readonly KnownHubMessage[] = [
  {
    id: 'gated, fine-grained token',
    says: /enable access to public gated repositories|fine-grained token settings/i,
    advice: () =>
      'give the fine-grained token "Read access to contents of all public gated repos you can access", or use a read token',
    source: 'https://github.com/huggingface/huggingface_hub/issues/2844',
  },
  {
    id: 'request not yet reviewed',
    says: /awaiting (?:a )?review|\btokens?\b.{0,80}\bapprov(?:al|ed?)\b|\bapprov(?:al|ed?)\b.{0,80}\btokens?\b/i,
    advice: ({ owner }) => `ask an administrator of ${owner} for the approval, then run the workflow again`,
    source: 'https://github.com/huggingface/hub-docs/pull/1362',
  },
  {
    id: 'gated',
    says: /\bgated\b|is restricted|authori[sz]ed list|ask for access/i,
    code: 'GatedRepo',
    advice: () => 'ask for access on its page, signed in with the account that hf-token belongs to',
    source: 'https://huggingface.co/docs/hub/datasets-gated',
  },
  {
    id: 'single sign-on',
    says: /single sign-?on|\bSSO\b/i,
    advice: ({ owner }) =>
      `sign in to ${owner} by single sign-on with the account of hf-token, and authorise the token there`,
    source: 'https://huggingface.co/docs/hub/security-sso',
  },
  {
    id: 'address list',
    says: /\bIP (?:address|range|allow)|\bIP\b.{0,60}\bnot (?:allowed|permitted|authori[sz]ed)/i,
    advice: ({ owner }) =>
      `add the address of this machine to the addresses that ${owner} lets in, or run on one that is listed`,
    source: 'https://huggingface.co/docs/hub/security-network',
  },
  {
    id: 'token not accepted',
    says: /\brevoked\b|\bexpired\b|invalid (?:credentials|username|user token|token)|not a valid token/i,
    advice: ({ hubUrl }) =>
      `create a new token at ${hubUrl}/settings/tokens and store it as the secret of hf-token`,
    source: 'https://huggingface.co/docs/hub/security-tokens',
  },
  {
    id: 'resource group',
    says: /resource[- ]group/i,
    advice: ({ owner }) =>
      `ask an administrator of ${owner} to add the account of hf-token to a resource group that may do this`,
    source: 'https://huggingface.co/docs/hub/security-resource-groups',
  },
  {
    id: 'no such image',
    says: /no such image|\bimage\b.{0,100}\b(?:not found|not exist|denied|invalid|pull)|\bmanifest unknown\b/i,
    advice: () => 'check image: its name and tag, and that the registry lets everyone pull it',
    source: 'https://huggingface.co/docs/hub/jobs-configuration',
  },
  {
    id: 'credits',
    says: /\bcredits?\b|\bpayment\b|\bbilling\b|credit balance/i,
    advice: ({ hubUrl, owner }) =>
      `add credits in the billing settings of ${owner}: ${hubUrl}/settings/billing`,
    source: 'https://huggingface.co/docs/hub/jobs-pricing',
  },
  {
    id: 'too many at once',
    says: /\bat once\b|\bconcurren(?:t|cy)|simultaneous|at the same time|too many (?:running )?jobs/i,
    advice: () => 'run the workflow again once one of the running Jobs has ended, or choose other hardware',
    source: 'https://huggingface.co/docs/hub/jobs-overview',
  },
  {
    id: 'Jobs switched off',
    says: /\bjobs?\b.{0,80}\b(?:switched off|turned off|disabled|not (?:enabled|available|allowed))|\b(?:disabled|not enabled)\b.{0,80}\bjobs?\b/i,
    advice: ({ owner }) =>
      `ask an administrator of ${owner} to allow Jobs, or choose another target-namespace`,
    source: 'https://huggingface.co/docs/hub/security-resource-groups',
  },
  {
    id: 'discussions switched off',
    says: /\bdiscussions?\b.{0,80}\b(?:switched off|turned off|disabled|not enabled)|\b(?:disabled|not enabled)\b.{0,80}\bdiscussions?\b/i,
    advice: () => 'turn them on in the settings of the repository',
    source: 'https://github.com/huggingface/hub-docs/pull/844',
  },
  {
    id: 'storage limit',
    says: /storage (?:limit|quota)|out of (?:private )?storage|exceeded.{0,40}\bstorage\b/i,
    advice: ({ owner, hubUrl }) => `free storage of ${owner}, or add some at ${hubUrl}/settings/billing`,
    source: 'https://huggingface.co/docs/hub/storage-limits',
  },
  {
    id: 'rate limit',
    says: /\brate[- ]limit|\bquotas?\b|too many requests/i,
    advice: () => 'run the workflow again later',
    source: 'https://huggingface.co/docs/hub/rate-limits',
  },
  {
    id: 'missing right',
    says: /\bpermissions?\b|\brights?\b|not allowed|\bread-only\b|\bwrite (?:role|access|token)|must (?:be|have)\b.{0,40}\b(?:admin|write|role)/i,
    advice: ({ rights }) => rights,
    source: 'https://huggingface.co/docs/hub/security-tokens',
  },
  {
    id: 'not found',
    says: /\b(?:repository|repo|dataset|model|user|organi[sz]ation|namespace|account)\b.{0,60}\b(?:not found|does not exist|doesn't exist)/i,
    code: 'RepoNotFound',
    advice: ({ missing }) => missing,
    source: 'https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_http.py',
  },
]
