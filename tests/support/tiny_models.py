"""Tiny models with random weights, saved as real ones are. They know nothing, and prove that loading works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = """a an the dog cat street photo of in on red big happy funny misty sunny describe photograph this is user
assistant one short sentence with and what looks""".split()  # noqa: SIM905 - shorter
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<image>"]
SIZE = {"height": 32, "width": 32}
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }} {% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}<image> {% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}{% endif %} {% endfor %}{% if add_generation_prompt %}assistant {% endif %}"
)
TEXT = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
VISION = {**TEXT, "image_size": 32, "patch_size": 16}
WIDE = {"initializer_range": 0.4}
"""Weights so large that what the model says depends on the image."""


def tokenizer(longest: int = 64) -> Any:
    """Words and no more: everything else is [UNK]."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: index for index, word in enumerate([*SPECIAL, *WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        bos_token="[CLS]",
        eos_token="[SEP]",
        model_max_length=longest,
        additional_special_tokens=["<image>"],
    )


def save_blip(folder: Path) -> None:
    """BLIP, which captions without a prompt."""
    from transformers import BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

    words = tokenizer()
    text = {**TEXT, "vocab_size": len(words), "encoder_hidden_size": 32, "max_position_embeddings": 64}
    ids = {"bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    config = BlipConfig(text_config=text | ids, vision_config=VISION, projection_dim=16, image_text_hidden_size=16)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    BlipProcessor(BlipImageProcessor(size=SIZE), bert(folder)).save_pretrained(folder)


def save_git(folder: Path) -> None:
    """GIT, a decoder that reads the photograph before the text."""
    from transformers import CLIPImageProcessor, GitConfig, GitForCausalLM, GitProcessor

    ids = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    config = GitConfig(vision_config=VISION, **TEXT, vocab_size=30, max_position_embeddings=64, **ids)
    GitForCausalLM(config).save_pretrained(folder)
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SIZE)
    GitProcessor(images, bert(folder)).save_pretrained(folder)


def bert(folder: Path) -> Any:
    """BERT's tokenizer, with the same words."""
    from transformers import BertTokenizer

    (folder / "vocab.txt").write_text("\n".join([*SPECIAL, *WORDS]) + "\n", "utf-8")
    return BertTokenizer(str(folder / "vocab.txt"))


def save_llava(folder: Path) -> None:
    """LLaVA, which has a chat template."""
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    words = tokenizer()
    text = LlamaConfig(
        **TEXT,
        **WIDE,
        vocab_size=len(words),
        max_position_embeddings=512,
        num_key_value_heads=2,
        bos_token_id=2,
        eos_token_id=3,
        pad_token_id=0,
    )
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**VISION | WIDE),
        text_config=text,
        image_token_index=words.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_seq_length=4,
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SIZE)
    processor = LlavaProcessor(
        images,
        words,
        patch_size=16,
        vision_feature_select_strategy="default",
        image_token="<image>",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )
    processor.save_pretrained(folder)


def save_clip(folder: Path) -> None:
    """CLIP, a classifier by any words."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

    words = tokenizer(16)
    text = {
        **TEXT,
        "vocab_size": len(words),
        "max_position_embeddings": 16,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 0,
    }
    CLIPModel(CLIPConfig(text_config=text, vision_config=VISION, projection_dim=16)).save_pretrained(folder)
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SIZE)
    CLIPProcessor(images, words).save_pretrained(folder)


def save_siglip(folder: Path) -> None:
    """SigLIP, whose scores are each for itself."""
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel, SiglipProcessor

    words = tokenizer()
    text = {
        **TEXT,
        "vocab_size": len(words),
        "max_position_embeddings": 64,
        "projection_size": 32,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "pad_token_id": 0,
    }
    SiglipModel(SiglipConfig(text_config=text, vision_config=VISION)).save_pretrained(folder)
    SiglipProcessor(SiglipImageProcessor(size=SIZE), words).save_pretrained(folder)


MODELS = {"blip": save_blip, "git": save_git, "llava": save_llava, "clip": save_clip, "siglip": save_siglip}


def save_all(folder: Path) -> None:
    """Every model in a folder of its name."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for name, save in MODELS.items():
            (folder / name).mkdir()
            save(folder / name)
