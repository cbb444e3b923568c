#!/usr/bin/env bash
# How a photograph should become a square: measure_resize.sh DATA OUT PACK, where PACK is a folder. The captioner's scores
# on COCO photographs that no model has seen, squashed (as the training photographs were), cut and padded.
set -euo pipefail
data=$1 out=$2 pack=$3
mini=$data/coco_mini
sentikit=${SENTIKIT:-sentikit}
mkdir -p "$out"

for rule in squash crop pad; do
    rm -rf "$out/$rule" && cp -r "$pack" "$out/$rule"
    python - "$out/$rule/config.json" "$rule" <<'PYTHON'
import json, sys
path, rule = sys.argv[1:]
config = json.load(open(path))
config["encoder"]["preprocessing"]["resize"] = rule
json.dump(config, open(path, "w"))
PYTHON
    echo "== $rule"
    $sentikit caption "$mini/images" --coco "$mini/captions.json" --pack "$out/$rule" --combiner none \
        --coco-results "$out/$rule.json" --force
    $sentikit evaluate captions "$out/$rule.json" "$mini/captions.json"
done
