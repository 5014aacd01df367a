//! What the clinic file and the patient file check alike, and the words they say it in.

/// User input inside a message: quoted, escaped, and short.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{:?}", format!("{}…", &text[..at])),
        None => format!("{text:?}"),
    }
}

/// What is wrong with a text of 1 to `most` characters that was refused.
pub(crate) fn text_fault(text: &str, most: usize) -> String {
    let length = text.trim().chars().count();
    match length {
        0 => "this is empty".to_owned(),
        _ if length > most => format!("{length} characters are too long"),
        _ => "there are characters that cannot be shown here".to_owned(),
    }
}

/// The words for what [`is_language_tag`] takes.
pub(crate) const LANGUAGE_TAG: &str = "a language tag, such as en, en-DE or zh-Hant";

/// A BCP 47 tag by its shape; whether the subtags are registered is not looked up.
pub(crate) fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let language = subtags.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && subtags.all(|t| (1..=8).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric()))
        && text.len() <= 35
}

/// The known name a typing slip away, if any is.
pub(crate) fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    // Nobody mistypes a name into something this long, and the distance is quadratic.
    if name.chars().count() > 40 {
        return None;
    }
    let by_distance = known.iter().map(|known| (distance(name, known), *known));
    let (distance, known) = by_distance.min()?;
    (distance <= 1 + known.len() / 3).then_some(known)
}

/// Levenshtein's distance in characters.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}
