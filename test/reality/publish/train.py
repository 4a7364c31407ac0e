"""Trains a tiny BERT with the Trainer of transformers, as people's scripts do: python train.py FOLDER SEED"""

import json
import os
import pathlib
import sys

import torch
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

folder = pathlib.Path(sys.argv[1])
seed = int(sys.argv[2])
torch.manual_seed(seed)
sizes = dict(vocab_size=512, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128)
rows = [{"input_ids": [seed, number, 5], "labels": number % 2} for number in range(8)]
arguments = TrainingArguments(
    output_dir=str(folder),
    max_steps=2,
    save_steps=2,
    per_device_train_batch_size=4,
    use_cpu=True,
    report_to=[],
    seed=seed,
    disable_tqdm=True,
)
model = BertForSequenceClassification(BertConfig(**sizes, training_seed=seed))


def measure(any_model):
    """Stands for an evaluation: known beforehand, and another for each training."""
    return 0.5 + any_model.config.training_seed / 100


trainer = Trainer(model=model, args=arguments, train_dataset=rows, eval_dataset=rows)
trainer.train()
trainer.save_model()
trainer.save_state()
accuracy = measure(model)
result = EvalResult("text-classification", "digits", "digits", "accuracy", accuracy)
data = ModelCardData(model_name="A run", license="mit", tags=["tiny"], eval_results=[result])
ModelCard(f"---\n{data.to_yaml()}\n---\n\n# What the training wrote\n").save(folder / "README.md")
metrics = {"eval_accuracy": accuracy}
published, revision = (os.environ[f"AUTO_RETRAIN_PUBLISHED_{name}"] for name in ("MODEL", "REVISION"))
if published:
    metrics["published_eval_accuracy"] = measure(BertForSequenceClassification.from_pretrained(published, revision=revision))
print("auto-retrain:metrics " + json.dumps(metrics))
