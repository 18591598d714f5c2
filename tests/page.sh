#!/usr/bin/env bash
# Opens report pages in a real browser: no console errors, no network requests, no overflow at three widths, no violation that
# axe-core finds, a summary of two printed pages at most, and charts that answer to pointer and keyboard.
#
# Usage: tests/page.sh [FOLDER OF RESULTS…]; without folders it simulates a run, a comparison and a sweep. Needs chromium (Debian's)
# and node; without one of them it says so and ends well. axe-core and puppeteer-core come from npm into a temporary folder.
# GTNET_SIM_PROGRAM is the program; GTNET_SIM_SHOTS a folder that receives screenshots.
set -euo pipefail
cd "$(dirname "$0")/.."

browser=$(command -v chromium || command -v chromium-browser || true)
for need in "${browser:-chromium}" node npm; do
    if ! command -v "$need" > /dev/null; then
        echo "skipped: there is no $need"
        exit 0
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! npm install --silent --no-audit --no-fund --prefix "$work" puppeteer-core@24 axe-core@4 > "$work/npm" 2>&1; then
    cat "$work/npm"
    echo "skipped: npm cannot install puppeteer-core and axe-core"
    exit 0
fi

folders=("$@")
if [ ${#folders[@]} -eq 0 ]; then
    program=${GTNET_SIM_PROGRAM:-target/debug/gtnet-sim}
    [ -n "${GTNET_SIM_PROGRAM:-}" ] || cargo build --locked --quiet
    {
        cat scenarios/quick.toml
        printf '\n[[variant]]\nname = "five"\n\n[[variant]]\nname = "two"\nset = { "group.client.count" = 2 }\n'
    } > "$work/variants.toml"
    "$program" run scenarios/quick.toml --quiet --replications 4 --out "$work/run"
    "$program" compare "$work/variants.toml" --quiet --replications 4 --out "$work/comparison"
    "$program" sweep scenarios/quick.toml --quiet --replications 3 --set group.client.count=1,2,4,8 --out "$work/sweep"
    "$program" report "$work/run" "$work/comparison" --quiet --out "$work/pair"
    folders=("$work/run" "$work/comparison" "$work/sweep" "$work/pair")
fi

cp tests/page.mjs "$work/page.mjs"
CHROMIUM=$browser node "$work/page.mjs" "${folders[@]}"
