#!/usr/bin/env bash
# Trains the bundled weights: train.sh DATA OUT. DATA holds flickr8k, coco_captioned, coco_tagged, coco_text and senticap;
# OUT gets the runs and, in the end, OUT/pack. Every run can be stopped and goes on where it was.
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
sentikit=${SENTIKIT:-sentikit}

[ -e "$out/captions/train.json" ] || python "$here/prepare_captions.py" "$data" "$out/captions"
[ -e "$out/anps/train.jsonl" ] || python "$here/prepare_anps.py" "$data" "$out/anps"

captions=("$out/captions/train.json" --val "$out/captions/val.json" --images "$data" --augment flip --cache-features
    --precision bfloat16 --schedule cosine --ema 0.995 --alpha-c 0 --min-count 4 --resume)
$sentikit train captioner "${captions[@]}" -o "$out/captioner" --encoder efficientnet-lite0 --fine-tune 3 --epochs 11 \
    --lr 6e-4 --encoder-lr 1e-4 --label-smoothing 0.1 --dropout 0.5 --project --tie
$sentikit train captioner "${captions[@]}" -o "$out/self-critical" --init "$out/captioner/pack" --epochs 4 --lr 4e-5 \
    --samples 5 --word-weight 0.1 --dropout 0.2 --no-repeat 3

anps=("$out/anps/train.jsonl" --val "$out/anps/val.jsonl" --images "$data" --augment flip --cache-features
    --cache-dir "$out/features" --schedule cosine --init "$out/captioner/pack" --resume)
$sentikit train anp-decoder "${anps[@]}" -o "$out/anp-decoder" --noun-first --size 256 --project --draws 6 --balance 0.7 \
    --epochs 12 --lr 1e-3 --dropout 0.5 --ema 0.99 --min-count 3
$sentikit train softmax "${anps[@]}" -o "$out/softmax" --pooling mean --dropout 0.3 --epochs 15 --lr 1e-3 --ema 0.99 \
    --min-count 3

$sentikit merge-packs "$out/self-critical/pack" "$out/softmax/pack" "$out/anp-decoder/pack" -o "$out/pack" --force \
    --name lite0-flickr8k --default caption=anp-decoder --card "$here/MODEL_CARD.md" --license "$here/LICENSE" --ontology "$out/anps/ontology.json"
