"""What several test files need: made data, toy models and ways to run sentikit."""
