"""Blocks that several plugins share: encoders, attention, the decoder, beam search. Importing one imports torch."""
