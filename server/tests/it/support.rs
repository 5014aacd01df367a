//! What several files share.

use testkit::Answer;

/// How many answers have this status.
pub fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|a| a.status == status).count()
}

/// Fails unless exactly `won` answers say 201 and all others 409.
#[track_caller]
pub fn assert_won(answers: &[Answer], won: usize) {
    let lost = answers.len() - won;
    let told: Vec<_> = answers.iter().filter(|a| a.status != 409).map(|a| (a.status, &a.text)).collect();
    assert_eq!((count(answers, 201), count(answers, 409)), (won, lost), "{told:#?}");
}

/// What a browser makes of a page: its elements, in order, with the names of their attributes. Whatever somebody typed is
/// text in it or the value of an attribute, so pages that differ in that alone have the same. Fails where an element or a
/// tag has no end.
#[track_caller]
pub fn skeleton(page: &str) -> Vec<String> {
    const VOID: [&str; 7] = ["br", "hr", "img", "input", "link", "meta", "wbr"];
    let (mut elements, mut open) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        if tag.starts_with('!') {
            rest = tag.split_once(if tag.starts_with("!--") { "-->" } else { ">" }).expect("a comment ends").1;
            continue;
        }
        let (tag, after) = take_tag(tag);
        rest = after;
        let name = tag[0].clone();
        match name.strip_prefix('/') {
            Some(ended) => assert_eq!(open.pop().as_deref(), Some(ended), "in the order in which they began: {page}"),
            None => {
                elements.push(tag.join(" "));
                if name == "script" || name == "style" {
                    rest = &rest[rest.find(&format!("</{name}>")).expect("a script ends")..];
                }
                if !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
        }
    }
    assert!(open.is_empty(), "{open:?} do not end: {page}");
    elements
}

/// The name of a tag and of its attributes, and what comes after it.
fn take_tag(text: &str) -> (Vec<String>, &str) {
    let (mut words, mut quote) = (vec![String::new()], None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return (words.into_iter().filter(|w| !w.is_empty()).collect(), &text[at + 1..]),
            (None, c) if c.is_whitespace() => words.push(String::new()),
            (None, c) => words.last_mut().expect("one").push(c),
        }
    }
    panic!("a tag does not end: {text}")
}
