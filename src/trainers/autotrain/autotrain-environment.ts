/**
 * The settings of AutoTrain's container. None of them changes what a training computes.
 *
 * - `ALLOW_REMOTE_CODE`: AutoTrain runs the Python code in the repository of a base model or a dataset unless told not
 *   to, and the container has the token. A model that transformers knows needs no such code.
 * - The others keep it from calling home: albumentations asks PyPI for its newest version at each start, the Hub's client
 *   and Gradio report their use, and datasets counts a download. AutoTrain logs to TensorBoard only, so that nothing is
 *   sent to Weights & Biases.
 *
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/common.py
 * https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 */
export const autotrainEnvironment: Readonly<Record<string, string>> = {
  ALLOW_REMOTE_CODE: 'false',
  NO_ALBUMENTATIONS_UPDATE: '1',
  HF_HUB_DISABLE_TELEMETRY: '1',
  DO_NOT_TRACK: '1',
  GRADIO_ANALYTICS_ENABLED: 'False',
  HF_UPDATE_DOWNLOAD_COUNTS: '0',
}
