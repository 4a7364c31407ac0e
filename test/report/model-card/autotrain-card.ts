/** A README.md as AutoTrain writes it: an empty line, then the front matter. */
export const autotrainCard = `
---
tags:
- autotrain
- transformers
- image-classification
base_model: google/vit-base-patch16-224
widget:
- src: https://huggingface.co/datasets/mishig/sample_images/resolve/main/tiger.jpg
  example_title: Tiger
datasets:
- acme/digits
---

# Model Trained Using AutoTrain

- Problem type: Image Classification

## Validation Metrics
loss: 0.2213

accuracy: 0.9612
`
