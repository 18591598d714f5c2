#!/usr/bin/env bash
# Changes the protocol one expression at a time and asks whether any test notices: its unit tests, the recorded cases of
# the released system, and the exchanges told step by step. Needs cargo-mutants (`cargo install cargo-mutants`).
#
# The protocol is tested in a crate of its own, put together in a temporary folder: it builds in seconds.
#
#   tests/mutants.sh                          every comparison, connective and negation
#   tests/mutants.sh --re 'Policy'            whatever cargo-mutants can be told
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
crate=$(mktemp -d)
trap 'rm -rf "$crate"' EXIT

mkdir -p "$crate/src" "$crate/tests/it"
cp -r "$repository/src/protocol" "$repository/src/time" "$crate/src/"
cp -r "$repository/tests/it/protocol" "$repository/tests/it/conformance" "$crate/tests/it/"
cp -r "$repository/tests/conformance" "$crate/tests/"
cp "$repository/Cargo.lock" "$crate/"
printf '//! The protocol alone.\n\npub mod protocol;\npub mod time;\n' > "$crate/src/lib.rs"
printf '//! Its tests.\n\nmod conformance;\nmod protocol;\n' > "$crate/tests/it/main.rs"
{
    printf '[package]\nname = "gtnet-sim"\nversion = "0.0.0"\nedition = "2024"\n\n'
    sed -n '/^\[dependencies\]/,/^\[\[bench\]\]/p' "$repository/Cargo.toml" | sed '$d'
} > "$crate/Cargo.toml"

cd "$crate"
if [ $# -eq 0 ]; then
    set -- --re 'replace (<|>|<=|>=|==|!=|&&|\|\|) with|delete !'
fi
cargo mutants --file 'src/protocol/**/*.rs' --jobs 2 --timeout 60 --output "$repository/target" "$@"
