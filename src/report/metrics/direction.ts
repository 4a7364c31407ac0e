/** Which way a metric gets better: `min` lower, `max` higher. */
export type Direction = 'min' | 'max'

/** Parts of metric names for which lower is better, as training libraries spell them. */
const lowerIsBetter = wordSet(`
  loss losses logloss error errors err wer cer ter mer wil der jer eer perplexity ppl mae mse rmse mape smape msle
  rmsle nll bpb bpc fid kid brier ece divergence kl deviation distance latency
  toxicity hallucination hallucinations fpr fnr`)

const higherIsBetter = wordSet(`
  accuracy accuracies acc f1 fbeta precision recall sensitivity specificity auc auroc auprc roc map ap iou miou jaccard
  dice bleu sacrebleu rouge meteor chrf bertscore r2 pearson pearsonr spearman spearmanr kendall mcc matthews kappa exact
  em ndcg mrr hit hits reward rewards margin margins score scores similarity psnr ssim correlation pass`)

/**
 * Derives from a metric's name which way it gets better.
 * https://huggingface.co/metrics
 *
 * @param name such as `eval_loss` or `rouge-L`
 * @returns null when the name does not say
 */
export function directionOf(name: string): Direction | null {
  const parts = name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap((part) => [part, part.replace(/^(rouge|bleu|chrf|map|acc|ap|f1|em|ndcg|pass).*/, '$1')])
  // `rewards/rejected` is the score of the answer that should get a low one: neither way is better by itself.
  if (parts.includes('rejected')) return null
  // `accuracy_loss` is a loss.
  if (parts.some((part) => lowerIsBetter.has(part))) return 'min'
  return parts.some((part) => higherIsBetter.has(part)) ? 'max' : null
}

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
