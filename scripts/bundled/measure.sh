#!/usr/bin/env bash
# Measures a pack as docs/bundled-models.md reports it: measure.sh DATA OUT PACK [SPLIT], where SPLIT is test (the default)
# or dev, the split to choose settings on. OUT holds what prepare_anps.py wrote, in OUT/anps.
set -euo pipefail
data=$1 out=$2 pack=$3 split=${4:-test}
here=$(cd "$(dirname "$0")" && pwd)
run=$out/measured-$split
mkdir -p "$run"
flickr=$data/flickr8k captions=$data/flickr8k/captions_$split.json mini=$data/coco_mini
sentikit=${SENTIKIT:-sentikit}

echo "== the captioner, plain, on Flickr8k $split"
$sentikit caption "$flickr/images" --coco "$captions" --pack "$pack" --combiner none --coco-results "$run/plain.json" --force
$sentikit evaluate captions "$run/plain.json" "$captions"

echo "== the taggers, on what the captions of Flickr8k $split state, among the mined ANPs"
[ -e "$out/anps/train_stated.jsonl" ] ||
    $sentikit ontology label "$out/anps/mined.json" "$flickr/captions_train.json" -o "$out/anps/train_stated.jsonl"
$sentikit ontology label "$out/anps/mined.json" "$captions" -o "$run/stated.jsonl" --force
for tagger in anp-decoder softmax; do
    $sentikit tag "$flickr/images" --coco "$captions" --pack "$pack" --tagger $tagger --top-k 100000 -o "$run/$tagger.jsonl" --force
    $sentikit evaluate tagger --tags "$run/$tagger.jsonl" --truth "$run/stated.jsonl" --ontology "$out/anps/mined.json" \
        --train "$out/anps/train_stated.jsonl" --captions "$captions"
done

echo "== noun-forced captions of Flickr8k $split"
$sentikit caption "$flickr/images" --coco "$captions" --pack "$pack" --jsonl "$run/forced.jsonl" --force
python "$here/measure_forced.py" "$data" "$run/forced.jsonl" "$pack"

if [ "$split" = test ]; then
    echo "== COCO photographs that no model has seen"
    $sentikit caption "$mini/images" --coco "$mini/captions.json" --pack "$pack" --combiner none \
        --coco-results "$run/mini.json" --force
    $sentikit evaluate captions "$run/mini.json" "$mini/captions.json"
    $sentikit tag "$mini/images" --coco "$mini/captions.json" --pack "$pack" --top-k 20 -o "$run/mini.jsonl" --force
    python "$here/measure_authors.py" "$run/mini.jsonl" "$mini/tags_resnet101_vso.jsonl"
fi
