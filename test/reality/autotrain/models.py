"""Makes tiny models with random weights, as small as AutoTrain takes them: python models.py FOLDER"""

import pathlib
import string
import sys

import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertTokenizerFast,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessor,
)

folder = pathlib.Path(sys.argv[1]) / "models"
torch.manual_seed(0)

vit = folder / "tiny-vit"
sizes = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
ViTForImageClassification(ViTConfig(**sizes, image_size=32, patch_size=8, num_labels=2)).save_pretrained(vit)
ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(vit)

bert = folder / "tiny-bert"
bert.mkdir(parents=True, exist_ok=True)
special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
words = "the movie was great awful film i love hate it a".split()
letters = list(string.ascii_lowercase)
vocabulary = list(dict.fromkeys([*special, *words, *letters, *("##" + letter for letter in letters)]))
(bert / "vocab.txt").write_text("\n".join(vocabulary))
BertForMaskedLM(BertConfig(**sizes, vocab_size=len(vocabulary), max_position_embeddings=128)).save_pretrained(bert)
BertTokenizerFast(vocab_file=str(bert / "vocab.txt"), model_max_length=128).save_pretrained(bert)
