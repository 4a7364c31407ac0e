"""Prints what AutoTrain's own classes say of their parameters: python params.py '[[class, field, value], ...]'"""

import json
import sys

from transformers.models.auto import configuration_auto, modeling_auto
from transformers.trainer_utils import SchedulerType
from transformers.training_args import OptimizerNames

from autotrain import parser

classes = {name: value for name, value in vars(parser).items() if name.endswith("Params")}


def annotation(field):
    kind = field.annotation
    return kind.__name__ if kind in (bool, float, int, str) else str(kind).replace("typing.", "")


def takes(name, field, value):
    try:
        classes[name](project_name="model-1", **{field: value})
        return True
    except ValueError:
        return False


mappings = {
    "AutoModelForCausalLM": modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    "AutoModelForImageClassification": modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES,
    "AutoModelForObjectDetection": modeling_auto.MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES,
    "AutoModelForSeq2SeqLM": modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    "AutoModelForSequenceClassification": modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    "AutoModelForTokenClassification": modeling_auto.MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
}
print(
    json.dumps(
        {
            "classes": {
                name: {key: [annotation(field), field.default] for key, field in value.model_fields.items()}
                for name, value in classes.items()
            },
            "taken": [takes(*case) for case in json.loads(sys.argv[1])],
            "optimizers": sorted(name.value for name in OptimizerNames),
            "schedulers": sorted(name.value for name in SchedulerType),
            "types": {name: sorted(mapping) for name, mapping in mappings.items()},
            "native": sorted(configuration_auto.CONFIG_MAPPING_NAMES),
        }
    )
)
