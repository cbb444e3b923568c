"""The names that a checkpoint may hold, and what the reader does with each. Every other name is refused."""

from __future__ import annotations

from .inert import Name

_CLASSES = {
    "models": "Encoder Attention DecoderWithAttention",
    "torch.nn.modules.activation": "ReLU Sigmoid Softmax Tanh",
    "torch.nn.modules.batchnorm": "BatchNorm2d",
    "torch.nn.modules.container": "Sequential ModuleList",
    "torch.nn.modules.conv": "Conv2d",
    "torch.nn.modules.dropout": "Dropout",
    "torch.nn.modules.linear": "Identity Linear",
    "torch.nn.modules.pooling": "AdaptiveAvgPool2d AvgPool2d MaxPool2d",
    "torch.nn.modules.rnn": "LSTMCell",
    "torch.nn.modules.sparse": "Embedding",
    "torch.nn.parallel.data_parallel": "DataParallel",
    "torchvision.models.resnet": "BasicBlock Bottleneck ResNet",
    "torch.optim.adadelta": "Adadelta",
    "torch.optim.adagrad": "Adagrad",
    "torch.optim.adam": "Adam",
    "torch.optim.adamax": "Adamax",
    "torch.optim.adamw": "AdamW",
    "torch.optim.rmsprop": "RMSprop",
    "torch.optim.sgd": "SGD",
}
DTYPES = {
    "BFloat16": "bfloat16",
    "Bool": "bool",
    "Byte": "uint8",
    "Char": "int8",
    "Double": "float64",
    "Float": "float32",
    "Half": "float16",
    "Int": "int32",
    "Long": "int64",
    "Short": "int16",
}
"""torch's names of numbers, by the beginning of their storages' names."""
ROLES: dict[tuple[str, str], str] = {
    **{(module, name): "class" for module, names in _CLASSES.items() for name in names.split()},
    **{("torch", f"{kind}Storage"): "storage" for kind in DTYPES},
    ("collections", "OrderedDict"): "ordered-dict",
    ("collections", "defaultdict"): "default-dict",
    **{(module, "dict"): "dict" for module in ("builtins", "__builtin__")},
    **{(module, "set"): "set" for module in ("builtins", "__builtin__")},
    ("torch._utils", "_rebuild_tensor"): "tensor",
    ("torch._utils", "_rebuild_tensor_v2"): "tensor",
    ("torch._utils", "_rebuild_parameter"): "parameter",
    ("torch._utils", "_rebuild_parameter_with_state"): "parameter",
    ("torch.nn.parameter", "Parameter"): "parameter",
    ("torch.nn.backends.thnn", "_get_thnn_function_backend"): "nothing",
}
"""`__builtin__` is Python 2's name of builtins, which pickles of protocol 2 use. The backend was an attribute of every
module before PyTorch 1.3."""


def known_name(module: str, name: str) -> Name | None:
    """The name if it is on the list."""
    role = ROLES.get((module, name))
    return None if role is None else Name(module, name, role)
