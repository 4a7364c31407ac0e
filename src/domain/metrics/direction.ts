/** Which way a metric gets better: `min` lower, `max` higher. */
export type Direction = 'min' | 'max'

/** Parts of metric names for which lower is better, as training libraries spell them. */
const lowerIsBetter = wordSet(`
  loss losses logloss error errors err wer cer ter mer wil der jer eer perplexity ppl mae mse rmse mape smape msle
  rmsle nll bpb bpc fid kid brier ece divergence kl deviation distance latency regret
  toxicity hallucination hallucinations fpr fnr fdr cost costs risk penalty`)

const higherIsBetter = wordSet(`
  accuracy accuracies acc f1 fbeta precision recall sensitivity specificity auc auroc auprc roc map ap iou miou jaccard
  dice bleu sacrebleu bleurt rouge meteor chrf bertscore r2 pearson pearsonr spearman spearmanr kendall mcc matthews kappa exact
  em ndcg mrr hit hits reward rewards margin margins similarity psnr ssim correlation pass tpr tnr npv ppv
  loglikelihood elbo`)

/** Words that only say that there is a number: the other words decide. An anomaly or Davies-Bouldin score is better low. */
const weakWords = wordSet('score scores')

/** Words that say on which data a metric was measured, or which of its values it is. */
const neutralWords = wordSet(`
  eval evaluation test val valid validation train dev metric metrics mean avg average total overall final best macro
  micro weighted`)

/**
 * Words that turn the meaning of others round, or make another quantity of it: which way is better cannot be told.
 * `rewards/rejected` is the score of the answer that should get a low one, `accuracy_threshold` a setting. The `d2` and
 * skill scores of scikit-learn turn a loss into a score.
 */
const changesMeaning = wordSet(`
  d2 skill opposite flipped uncertainty sd stdev sem time steps rank failed failure failures miss missed misses
  lower higher rejected drop dropped reduction reduced improvement improved gain gains inverse inverted inv negative negated minus
  complement diff difference delta change increase decrease degradation gap ratio relative reciprocal
  non not no without anti un wrong false std stddev stderr standard variance var ci threshold weight weights scale coef
  coefficient lambda target baseline`)

/** Names of several words with a meaning of their own, as one word each. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/\b(?:negative|neg) log (?:likelihood|prob|probability)\b/g, 'nll'],
  [/\blog likelihood\b/g, 'loglikelihood'],
  [/\bevidence lower bound\b/g, 'elbo'],
  [/\bfalse (?:positives?|negatives?|discovery|omission|alarms?|acceptance|rejection)\b/g, 'error'],
  [/\btrue (?:positives?|negatives?)\b/g, 'tpr'],
  [/\b(?:positive|negative) predictive value\b/g, 'ppv'],
  [/\bstandard deviation\b/g, 'std'],
]

/** A word of a name that says which way is better. */
interface JudgedWord {
  readonly word: string
  readonly index: number
  readonly direction: Direction
}

/** Names with a number behind the word: `map50`, `f1`, `pass1`, `rougeLsum`. */
const numbered =
  /^(rouge|bleu|chrf|map|acc|ap|em|ndcg|mrr|pass|recall|precision|hits?)(?:l|lsum|w|su|pp)?\d*$/

/** What says on which data a metric was measured. */
const place = /^(?:(?:eval|evaluation|test|val|valid|validation|train|dev|metrics?)[_/ ])*/i

/** A complement, a change of sign or a difference, written out: `1-accuracy`, `100 - f1`, `-loss`, `∆loss`. */
const arithmetic = /^(?:(?:1(?:\.0{1,9})?|100(?:\.0{1,9})?)\s*%?\s*)?[-\u2010-\u2015\u2212]|^[\u2206\u0394]/

/**
 * Derives from a metric's name which way it gets better. A name whose words disagree does not say it, but for a loss:
 * `accuracy_loss` is one. The losses of scikit-learn are turned round by `neg`: `neg_log_loss` is better when higher.
 * https://huggingface.co/metrics
 * https://scikit-learn.org/stable/modules/model_evaluation.html
 *
 * @param name such as `eval_loss` or `rouge-L`
 * @returns null when the name does not say
 */
export function directionOf(name: string): Direction | null {
  if (arithmetic.test(name.replace(place, ''))) return null
  const words = wordsOf(name)
  if (words.some((word) => changesMeaning.has(word))) return null
  const judged = words.flatMap((word, index): JudgedWord[] => {
    const direction = lowerIsBetter.has(word) ? 'min' : higherIsBetter.has(word) ? 'max' : null
    return direction === null ? [] : [{ word, index, direction }]
  })
  const direction = agreed(judged) ?? (judged.length === 0 && isBareScore(words) ? 'max' : null)
  const turns = words.filter((word) => word === 'neg').length
  if (turns === 0) return direction
  // A `neg` behind the word speaks of negative examples, and the negative of a score is no common metric.
  const isInFront = words.indexOf('neg') < (judged[0]?.index ?? -1)
  return turns === 1 && isInFront && direction === 'min' ? 'max' : null
}

function agreed(judged: readonly JudgedWord[]): Direction | null {
  const last = judged.at(-1)
  if (last === undefined) return null
  const isLoss = last.word === 'loss' || last.word === 'losses'
  return isLoss || judged.every(({ direction }) => direction === last.direction) ? last.direction : null
}

/** A score of nothing in particular: `eval_score`. */
function isBareScore(words: readonly string[]): boolean {
  const isNeutral = (word: string) => weakWords.has(word) || neutralWords.has(word) || /^\d*$/.test(word)
  return words.some((word) => weakWords.has(word)) && words.every(isNeutral)
}

function wordsOf(name: string): string[] {
  const spaced = name
    .replaceAll('IoU', 'Iou')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .join(' ')
  const named = phrases.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), spaced)
  return named.split(' ').map((word) => word.replace(numbered, '$1'))
}

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
