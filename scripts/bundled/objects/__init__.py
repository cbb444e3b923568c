"""What the captions of photographs should name: detections, mention probabilities, and two ways to use them."""
