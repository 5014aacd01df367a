//! House rules that no compiler knows: the sources are read, and whoever breaks one is told where.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every Rust file below a folder by its path in it, without its comments.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let root = repository().join(folder);
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).expect("below it").display().to_string();
                found.insert(name, without_comments(&read(&path)));
            }
        }
    }
    assert!(!found.is_empty(), "{} has its files", root.display());
    found
}

fn without_comments(source: &str) -> String {
    let line = |line: &str| match line.trim_start().starts_with("//") {
        true => String::new(),
        false => line.split_once(" // ").map_or(line, |(code, _)| code).to_owned(),
    };
    source.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line_at(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}

/// Leptos 0.8 does not escape what stands in a `<textarea>`: whatever somebody types would be markup.
#[test]
fn one_component_alone_has_a_textarea() {
    for folder in ["app/src", "server/src", "frontend/src"] {
        for (file, source) in sources(folder) {
            if (folder, file.as_str()) == ("app/src", "ui/textarea.rs") {
                assert!(source.contains("<textarea") && source.contains("escape("), "this is the one that escapes");
                continue;
            }
            for raw in ["<textarea", "textarea()"] {
                if let Some(at) = source.find(raw) {
                    panic!(
                        "{folder}/{file}:{}: use ui::TextArea, which escapes what stands in it",
                        line_at(&source, at)
                    );
                }
            }
        }
    }
}

/// What may be done to many rows at once, or to one by its id.
const STATEMENTS: [&str; 5] = ["find", "find_by_id", "update_many", "delete_many", "delete_by_id"];

/// A statement that says one of these is about one network's rows, one person's own, or what a secret leads to.
const BOUNDS: [&str; 8] =
    ["TenantId", "tenant", "AccountId", "SessionId", "TokenHash", "CodeKey", "ClinicId", "SourceId"];

// Why statements may be about rows of any network.
const EVERYBODY: &str = "what is over, due or broken is looked for in all networks at once";
const AFTER: &str =
    "one row by its id, and whose it is is asked before anything comes of it (and SQLite takes the id's index)";
const FOUND: &str = "rows that were found within their network a moment ago, by their ids";
const SECRET: &str = "only who knows the secret knows which row it is";
const OWN: &str = "the account's or browser's own rows, in whatever network";
const PUBLIC: &str = "clinics and their networks are there for everybody to find";
const JOB: &str = "the row that a job of ours was written for";

/// Statements of `server/portal` that no bound is seen in: how many a file has, and why each of them is right. Look at a new
/// one closely before the number grows.
const UNBOUND: [(&str, usize, &str); 59] = [
    ("api_keys.rs", 4, AFTER),
    ("arrivals/code.rs", 4, SECRET),
    ("arrivals/row.rs", 1, FOUND),
    ("booking/displaced.rs", 3, AFTER),
    ("booking/held.rs", 2, AFTER),
    ("booking/hold.rs", 1, OWN),
    ("booking/lanes.rs", 1, EVERYBODY),
    ("booking/referral.rs", 2, FOUND),
    ("booking/sweep.rs", 1, EVERYBODY),
    ("clinic/cache.rs", 5, PUBLIC),
    ("clinic/find.rs", 1, PUBLIC),
    ("clinic/import.rs", 3, PUBLIC),
    ("clinic/plan.rs", 1, PUBLIC),
    ("clinic/publish.rs", 2, PUBLIC),
    ("demo/mod.rs", 1, EVERYBODY),
    ("doctor/mod.rs", 11, EVERYBODY),
    ("emergency/open.rs", 1, AFTER),
    ("emergency/review.rs", 2, FOUND),
    ("family/ask.rs", 1, FOUND),
    ("family/growing_up.rs", 3, EVERYBODY),
    ("family/invite.rs", 2, OWN),
    ("family/reaching.rs", 1, OWN),
    ("feeds/mod.rs", 3, AFTER),
    ("files/store.rs", 3, AFTER),
    ("hours/apply.rs", 1, FOUND),
    ("hours/rehearse.rs", 2, FOUND),
    ("hours/work_list.rs", 2, FOUND),
    ("identity/charts.rs", 1, AFTER),
    ("identity/grants.rs", 2, FOUND),
    ("identity/session.rs", 6, EVERYBODY),
    ("notices/mod.rs", 1, JOB),
    ("patients/access.rs", 1, AFTER),
    ("patients/cases.rs", 2, FOUND),
    ("patients/claim.rs", 6, JOB),
    ("patients/finder.rs", 2, AFTER),
    ("patients/import.rs", 1, FOUND),
    ("patients/index.rs", 4, AFTER),
    ("patients/merge.rs", 5, FOUND),
    ("patients/merge_grants.rs", 7, FOUND),
    ("patients/merge_said.rs", 6, FOUND),
    ("patients/merge_waitlist.rs", 1, FOUND),
    ("reconcile/bell.rs", 1, EVERYBODY),
    ("reconcile/closings.rs", 1, FOUND),
    ("reconcile/items.rs", 4, FOUND),
    ("reconcile/outgoing.rs", 3, FOUND),
    ("reconcile/reading.rs", 3, FOUND),
    ("reconcile/settling.rs", 2, EVERYBODY),
    ("reconcile/source.rs", 2, FOUND),
    ("reconcile/store.rs", 1, FOUND),
    ("reconcile/text.rs", 1, EVERYBODY),
    ("staff/invite.rs", 3, AFTER),
    ("staff/members.rs", 5, AFTER),
    ("staff/sign_on/provider.rs", 1, PUBLIC),
    ("visits/access.rs", 3, AFTER),
    ("waitlist/claim.rs", 1, FOUND),
    ("waitlist/desk.rs", 1, AFTER),
    ("waitlist/ends.rs", 1, EVERYBODY),
    ("waitlist/link.rs", 2, SECRET),
    ("waitlist/mine.rs", 1, AFTER),
];

/// A query without its network reads and changes other networks' patients, and no test of one network notices.
#[test]
fn every_statement_about_a_networks_rows_is_bound_to_it_or_was_looked_at() {
    let owned: Vec<String> = sources("server/entity/src")
        .into_iter()
        .filter(|(_, source)| source.contains("pub tenant_id:"))
        .map(|(file, _)| file.trim_end_matches(".rs").to_owned())
        .collect();
    assert!(owned.len() > 40, "{owned:?}");
    let mut wrong = Vec::new();
    for (file, source) in sources("server/portal/src") {
        let unbound = unbound(&source, &owned);
        let expected = UNBOUND.iter().find(|(name, ..)| *name == file).map_or(0, |(_, count, _)| *count);
        if unbound.len() != expected {
            let found: Vec<String> = unbound.iter().map(|(line, what)| format!("  line {line}: {what}")).collect();
            wrong.push(format!("{file}: {} statements, {expected} known\n{}", unbound.len(), found.join("\n")));
        }
    }
    assert!(UNBOUND.iter().all(|(file, count, why)| *count > 0
        && !why.is_empty()
        && repository().join("server/portal/src").join(file).exists()));
    assert!(
        wrong.is_empty(),
        "statements about a network's rows say whose they are (TenantId …), or stand in UNBOUND with a reason:\n{}",
        wrong.join("\n")
    );
}

/// Lines and texts of the statements about rows that belong to a network, and that say nothing of whose they are.
fn unbound(source: &str, owned: &[String]) -> Vec<(usize, String)> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, call) in source.match_indices("::Entity::") {
        let start = source[..at].rfind(|c| !word(c)).map_or(0, |before| before + 1);
        let name = &source[start..at];
        let rest = &source[at + call.len()..];
        let method = &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())];
        let is_owned = owned.iter().any(|own| own == name || source.contains(&format!("{own} as {name}")));
        if !is_owned || !STATEMENTS.contains(&method) {
            continue;
        }
        let statement = &source[start..start + length(&source[start..])];
        if !BOUNDS.iter().any(|bound| statement.contains(bound)) && !is_of_a_row(statement) {
            found.push((line_at(source, start), statement.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    found
}

/// Up to where the statement, or the argument that it is, ends.
fn length(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return at,
            ')' | ']' | '}' => depth -= 1,
            ';' | ',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// By the id of something that was found or proved before (`row.id`, `patient.session.0`), not by one that was sent.
fn is_of_a_row(statement: &str) -> bool {
    ["Id.eq(", "find_by_id(", "delete_by_id("].iter().any(|call| {
        statement.match_indices(call).any(|(at, _)| {
            let argument = &statement[at + call.len()..];
            let name = argument.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            name.len() < argument.len()
                && name.strip_prefix('.').is_some_and(|field| field.starts_with(char::is_alphabetic))
        })
    })
}

/// The README's clinic file reference and the one beside the code, which other tests hold to the code.
#[test]
fn the_readme_explains_the_clinic_file_as_the_code_does() {
    let code = read(&repository().join("server/interop/src/clinic_file/mod.rs"));
    let code: Vec<&str> = code.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let begin = code.iter().position(|line| *line == "# Clinic file reference").expect("the reference");
    let readme = read(&repository().join("README.md"));
    let readme: Vec<&str> = readme.lines().map(str::trim).collect();
    let at = readme.iter().position(|line| *line == "## Clinic file reference").expect("the reference");
    for (number, line) in code[begin + 1..].iter().enumerate() {
        let shown = readme[at + 1 + number];
        let heading = line.strip_prefix("##").map(|rest| format!("###{rest}"));
        assert_eq!(shown, heading.as_deref().unwrap_or(line), "README.md:{}", at + 2 + number);
    }
}

/// Every setting that the program knows is explained.
#[test]
fn the_readme_names_every_setting_with_its_default() {
    let settings = serde_json::to_value(server::config::Config::default()).expect("settings");
    let readme = read(&repository().join("README.md"));
    let rows: Vec<Vec<&str>> =
        readme.lines().filter(|line| line.starts_with("| `")).map(|line| line.split(" | ").collect()).collect();
    for (name, value) in settings.as_object().expect("settings") {
        let row = rows.iter().find_map(|row| {
            let place = row[0].trim_start_matches("| ").split(", ").position(|own| own.trim_matches('`') == name)?;
            Some((place, row))
        });
        let Some((place, row)) = row else { panic!("README.md does not name {name}") };
        let said = match value {
            serde_json::Value::String(text) if !text.is_empty() => {
                text.split(',').next().unwrap_or_default().to_owned()
            }
            serde_json::Value::Number(number) => number.to_string(),
            _ => continue,
        };
        let told = row[1].split(", ").nth(place).unwrap_or(row[1]);
        assert!(told.contains(&said), "README.md says `{told}` of {name}, which is {said}");
    }
}

#[test]
fn the_help_names_every_scope() {
    let help = read(&repository().join("server/src/cli/people.rs"));
    for (_, name) in portal::Scope::ALL {
        assert!(help.contains(name), "portico api-key create --help does not name {name}");
    }
}
