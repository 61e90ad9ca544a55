# List the recipes.
default:
    @just --list

# Type-check everything.
check:
    cargo check --workspace --all-targets

# Run all tests.
test:
    cargo test --workspace

# Accept snapshots (then read the diff).
snap:
    INSTA_UPDATE=always cargo test -p wengert-tests cases
    git diff --stat -- tests/snapshots

# Measure building, differentiating, optimising, running.
bench:
    cargo bench -p wengert-tests

# What must pass before a change lands.
ci:
    .ci/run

# Run a demo: `just demo lecture`, `just demo nist --all`.
demo NAME *ARGS:
    cargo run --release -p {{NAME}} -- {{ARGS}}

# Try random programs for so many minutes; what is found becomes a case file in target/fuzz.
fuzz MINUTES *ARGS:
    cargo run --release -p wengert-testkit --example fuzz -- --minutes {{MINUTES}} {{ARGS}}

# Time the workloads of other engines beside them: PEERS is the folder of their scripts (see demos/peers), which need Python.
peers PEERS *ARGS:
    cargo build --release -p bench-peer
    python {{PEERS}}/run_all.py --extra ours={{justfile_directory()}}/target/release/bench-peer {{ARGS}}

# Run the executor's tests under the address sanitiser, which needs a nightly tool chain: they reach every `unsafe` block.
sanitise:
    RUSTFLAGS=-Zsanitizer=address cargo +nightly test -p wengert-interp --lib --tests --target x86_64-unknown-linux-gnu --target-dir target/sanitise
