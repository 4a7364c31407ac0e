/**
 * Speeds and counters of a Trainer: they say how fast a machine is, not how good a model.
 * https://huggingface.co/docs/transformers/main_classes/trainer#transformers.Trainer.log_metrics
 */
const speed =
  /(?:^|_)(?:runtime|per_second|num_tokens|tokens_seen|total_flos|preparation_time)$|^(?:global_)?step$/

/** Whether a number in a log or a card is a speed or a counter, which is no metric. */
export function isSpeed(name: string): boolean {
  return speed.test(name)
}
