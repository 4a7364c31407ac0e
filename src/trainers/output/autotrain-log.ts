/**
 * Lines of AutoTrain's own log, found anywhere in a line: with one stream for both outputs, a progress bar that has not
 * ended its line stands before them. https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/logging.py
 */

/** The trainer's program is started: from here on AutoTrain ends with exit code 0, whatever happens. */
export const trainingStarts = / \| autotrain\.backends\.local:\w+:\d+ - Starting local training/

/** The last step is over. What it measures after that is measured on the best checkpoint. */
export const trainingIsOver = / - Finished training, saving model/

/** The model is complete on the disk, and AutoTrain pushes it. */
export const pushStarts = / - Pushing model to hub/

/** Our own script could not push the model either. */
export const pushFailed = /^auto-retrain: the push failed\b/

/** An exception ended the trainer's program; its traceback follows. */
export const trainingFails = /ERROR +\| .* has failed due to an exception: /

/** Names of parameters in the config file that AutoTrain does not know: it trains without them. */
export const dropsParameters = / - Parameters supplied but not used: (.{1,2000})$/
