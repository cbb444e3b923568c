"""Blocks that several plugins share: encoders, attention, the decoder, beam search. Most of them import torch."""
