//! The rules of the optimiser as a page of identities, `docs/rules.md`, written from the table itself.

use std::fmt::Write as _;
use std::path::Path;

const UPDATE: &str = "UPDATE_DOCS";

#[test]
fn the_page_of_rules_is_current() {
    let count = |class: &str| opt::rules().filter(|rule| rule.class().name() == class).count();
    let mut page = format!(
        "# The rules of the optimiser\n\nThis page is written by a test (`tests/rulebook.rs`), which fails if it is not \
         current: `UPDATE_DOCS=1 cargo test -p wengert-tests rulebook` writes it anew. To add a rule, add a line to the file \
         of its family in `crates/opt/src/rules/`.\n\nA law holds from left to right. `exact` keeps every bit, signed zeros \
         included; `safe`, the default, may move rounding by a few ulp of the terms, and keeps what is finite finite and NaN \
         and infinities what they are (the family `stability` may replace an infinity or NaN that arises inside by the \
         limit); `relaxed` is real-number algebra. Each is tested against its class at special and at random values \
         (`crates/opt/src/tests/`). {} are exact, {} safe, {} relaxed. After the rules, level `relaxed` collects and factors \
         the sums and products of the whole graph (`crates/opt/src/algebra/`).\n",
        count("exact"),
        count("safe"),
        count("relaxed"),
    );
    let mut family = "";
    for rule in opt::rules() {
        if rule.family() != family {
            family = rule.family();
            let _ = write!(page, "\n## {family}\n\n| law | class | name |\n|---|---|---|\n");
        }
        let law = rule.text().replace('|', "\\|");
        let _ = writeln!(page, "| {law} | {} | `{}` |", rule.class().name(), rule.name());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).expect("the folder of documents exists");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/rules.md is out of date: set {UPDATE}=1, run this test again, read the difference");
}
