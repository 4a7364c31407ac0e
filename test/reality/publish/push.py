"""Pushes a folder as the run's model with the Hub's client, whichever version it has: python push.py FOLDER"""

import os
import sys

import huggingface_hub

model = os.environ["AUTO_RETRAIN_MODEL"]
huggingface_hub.create_repo(model, private=True, exist_ok=True)
huggingface_hub.upload_folder(repo_id=model, folder_path=sys.argv[1], commit_message="End of training")
print("pushed with huggingface_hub", huggingface_hub.__version__)
