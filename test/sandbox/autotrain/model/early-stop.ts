/**
 * Watches the loss of the evaluations.
 * https://huggingface.co/docs/transformers/main_classes/callback#transformers.EarlyStoppingCallback
 *
 * @param options after how many evaluations without an improvement of more than the threshold a training is over
 * @returns a function that is called with each loss, in order
 */
export function createEarlyStop(options: {
  patience: number
  threshold: number
}): (loss: number) => { isBest: boolean; isOver: boolean } {
  let best = Number.POSITIVE_INFINITY
  let since = 0
  return (loss) => {
    const isBest = loss < best
    since = isBest && best - loss > options.threshold ? 0 : since + 1
    if (isBest) best = loss
    return { isBest, isOver: since >= options.patience }
  }
}
