#!/usr/bin/env bash
# Trains the bundled weights: train.sh DATA OUT. DATA holds flickr8k, coco_captioned, coco_tagged, coco_text, coco_mini,
# senticap and vso; OUT gets the runs and, in the end, OUT/pack. Every run can be stopped and goes on where it was.
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
sentikit=${SENTIKIT:-sentikit}

[ -e "$out/captions/train.json" ] || python "$here/prepare_captions.py" "$data" "$out/captions"
[ -e "$out/anps/train.jsonl" ] || python "$here/prepare_anps.py" "$data" "$out/anps"

captions=("$out/captions/train.json" --val "$out/captions/val.json" --images "$data" --augment flip --cache-features
    --precision bfloat16 --schedule cosine --alpha-c 0 --min-count 4 --resume)
# The bundled captioner's run was stopped after its eighth epoch.
$sentikit train captioner "${captions[@]}" -o "$out/captioner" --encoder efficientnet-lite0 --fine-tune 3 --epochs 11 \
    --lr 6e-4 --encoder-lr 1e-4 --ema 0.995 --label-smoothing 0.1 --dropout 0.5 --project --tie
# Stopped after its second epoch.
$sentikit train captioner "${captions[@]}" -o "$out/self-critical" --init "$out/captioner/pack" --epochs 3 --lr 8e-5 \
    --ema 0.99 --samples 5 --word-weight 0.1 --dropout 0.2 --no-repeat 3
# Stopped after its third epoch; the first was the best.
$sentikit train captioner "${captions[@]}" -o "$out/self-critical-2" --init "$out/self-critical/pack" --epochs 4 \
    --lr 2.5e-4 --ema 0.99 --samples 5 --word-weight 0.2 --dropout 0.3 --no-repeat 3 --length-penalty 0.85 \
    --repeat-penalty 2

anps=(--val "$out/anps/val.jsonl" --images "$data" --augment flip --cache-features --cache-dir "$out/features"
    --precision bfloat16 --schedule cosine --init "$out/captioner/pack" -O texture=true --ema 0.99 --min-count 5 --resume)
# Its settings were chosen with train.jsonl, which leaves out the authors' tags that were held out.
$sentikit train softmax "$out/anps/train_final.jsonl" "${anps[@]}" -o "$out/softmax" --dropout 0.4 --epochs 9 \
    --lr 1.6e-4 --weights-count --share-words 1 --logit-adjustment 0.8 --logit-adjustment-only "$out/anps/mined.json" \
    --prior "$out/anps/mined.json" --prior-weight 0.3
$sentikit train anp-decoder "$out/anps/train_by_weight.jsonl" "${anps[@]}" -o "$out/anp-decoder" --noun-first --size 256 \
    --project --draws 3 --logit-adjustment 1.0 --epochs 5 --lr 1e-3 --dropout 0.5 --label-smoothing 0.1 \
    --prior "$out/anps/mined.json" --prior-weight 0.5

$sentikit merge-packs "$out/self-critical-2/pack" "$out/softmax/pack" "$out/anp-decoder/pack" -o "$out/pack" --force \
    --name lite0-flickr8k --default caption=anp-decoder,softmax --card "$here/MODEL_CARD.md" --license "$here/LICENSE" --ontology "$out/anps/ontology.json"
