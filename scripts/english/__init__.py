"""What the English rules read from WordNet, made once by a maintainer."""
