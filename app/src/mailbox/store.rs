//! Messages in the demo's folder, one JSON file each; names sort by time.

use std::path::Path;

use serde::Deserialize;

/// Messages listed at most.
const NEWEST: usize = 100;

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Mail {
    /// The file's name without its ending.
    #[serde(skip)]
    pub id: String,
    pub to: String,
    #[serde(default)]
    pub from: String,
    pub subject: String,
    pub text: String,
    /// RFC 3339.
    pub at: String,
    #[serde(default)]
    pub ics: Option<String>,
}

/// The newest first. A file that cannot be read is left out: it is a demo.
pub(super) fn newest(folder: &Path) -> Vec<Mail> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut ids: Vec<String> =
        files.filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned)).collect();
    ids.sort_by(|a, b| b.cmp(a));
    ids.iter().take(NEWEST).filter_map(|id| read(folder, id)).collect()
}

/// One message; names that could lead out of the folder are not found.
pub(super) fn read(folder: &Path, id: &str) -> Option<Mail> {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain {
        return None;
    }
    let text = std::fs::read_to_string(folder.join(format!("{id}.json"))).ok()?;
    let mail: Mail = serde_json::from_str(&text).ok()?;
    Some(Mail { id: id.to_owned(), ..mail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_not_found() {
        for id in ["../secret", "", "a/b", "a.json", "..%2f"] {
            assert!(read(Path::new("/"), id).is_none(), "{id}");
        }
    }
}
