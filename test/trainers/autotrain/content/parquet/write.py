# Writes the Parquet files in the folders beside it, with the libraries that AutoTrain 0.8.36 pins (datasets 3.2, pyarrow).
# Usage: python write.py test/trainers/autotrain/content/parquet
import io, json, os, sys
import pyarrow as pa, pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, Features, Image, Sequence, Value
out = sys.argv[1]
def write(name, data, features=None):
    Dataset.from_dict(data, features=features).to_parquet(os.path.join(out, name))
text, label = Value("string"), ClassLabel(names=["bad", "good"])
classes = Features({"text": text, "label": label})
write("texts/classes.parquet", {"text": ["a", "b", "c"], "label": [0, 1, 0]}, classes)
write("texts/classes-one-used.parquet", {"text": ["a", "b"], "label": [0, 0]}, classes)
write("texts/classes-empty-label.parquet", {"text": ["a", "b"], "label": [0, None]}, classes)
write("texts/classes-without-label.parquet", {"text": ["a", "b"], "label": [-1, -1]}, classes)
write("texts/one-class.parquet", {"text": ["a"], "label": [0]}, Features({"text": text, "label": ClassLabel(names=["bad"])}))
write("texts/no-rows.parquet", {"text": [], "label": []}, classes)
write("texts/text-labels.parquet", {"text": ["a", "b"], "label": ["bad", "good"]})
write("texts/number-labels.parquet", {"text": ["a", "b"], "label": [0, 1]})
write("texts/more-columns.parquet", {"text": ["a"], "label": [0], "source": ["x"]}, Features({**classes, "source": text}))
write("lists/tags.parquet", {"tokens": [["a", "b"]], "tags": [[0, 1]]}, Features({"tokens": Sequence(text), "tags": Sequence(ClassLabel(names=["O", "B"]))}))
write("lists/plain-tags.parquet", {"tokens": [["a", "b"]], "tags": [["O", "B"]]})
write("lists/table.parquet", {"id": [1, 2], "x": [0.5, 1.5], "target": [0, 1]})
png = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082")
write("images/images.parquet", {"image": [{"bytes": png, "path": None}], "label": [0]}, Features({"image": Image(), "label": label}))
pq.write_table(pa.table({"image": [{"bytes": png, "path": ""}], "label": [0]}), os.path.join(out, "images/plain-images.parquet"))
# What datasets 4 writes for a list.
lists = {"tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"}, "tags": {"feature": {"names": ["O", "B"], "_type": "ClassLabel"}, "_type": "List"}}
table = pa.table({"tokens": [["a", "b"]], "tags": [[0, 1]]}).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": lists}})})
pq.write_table(table, os.path.join(out, "lists/newer-tags.parquet"))
box = {"bbox": Sequence(Value("float32"), length=4), "category": ClassLabel(names=["cat", "dog"])}
write("images/objects.parquet", {"image": [{"bytes": png, "path": None}], "objects": [{"bbox": [[0, 0, 1, 1]], "category": [0]}]}, Features({"image": Image(), "objects": Sequence(box)}))
write("images/plain-objects.parquet", {"image": [{"bytes": png, "path": None}], "objects": [{"bbox": [[0, 0, 1, 1]], "category": ["cat"]}]}, Features({"image": Image(), "objects": Sequence({"bbox": Sequence(Value("float32"), length=4), "category": text})}))
