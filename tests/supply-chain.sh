#!/usr/bin/env bash
# Checks licences, sources, duplicates and known vulnerabilities of everything that becomes part of the program, and notes for
# which `Cargo.lock` and `deny.toml` it did so: the gate asks only whether these are still the same.
#
# Needs cargo-deny, and builds it if it is missing (a good minute).
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v cargo-deny > /dev/null; then
    # Without optimisation: it is built once and runs for a second.
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --no-default-features --root target/tools \
        --target-dir target/tools/build cargo-deny@0.20.2
    PATH="$PWD/target/tools/bin:$PATH"
fi
cargo deny --log-level warn check licenses bans sources
if cargo deny fetch db > /dev/null 2>&1; then
    cargo deny --log-level warn check --disable-fetch advisories
else
    echo "advisories: not checked, as their database cannot be had here"
fi
sha256sum Cargo.lock deny.toml > .ci/supply-chain.sha256
