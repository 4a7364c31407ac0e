/**
 * Speeds and counters of a Trainer: they say how fast a machine is and how much it did, not how good a model.
 * https://huggingface.co/docs/transformers/main_classes/trainer#transformers.Trainer.log_metrics
 */
const speed =
  /(?:^|[_/ ])(?:runtime|flos|preparation_time)$|per_second(?:_|$)|(?:^|[_/ ])num_\w{0,40}tokens$|tokens_seen$|^(?:global_)?step$/

/** Numbers that a Trainer prints beside its metrics: settings of a step, and how much was trained or measured. */
const detail = /(?:^|_)(?:epoch|step|steps|samples|examples|learning_rate|grad_norm|num_\w+)$/

/** Whether a number in a log, a file or a card is a speed or a counter, which is no metric. */
export function isSpeed(name: string): boolean {
  return speed.test(name)
}

/** Whether a metric measures the model's quality: no speed, no counter and no setting. */
export function isQuality(name: string): boolean {
  return !speed.test(name) && !detail.test(name)
}
