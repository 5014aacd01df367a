//! Links in plain text.

/// A stretch of text, or an address in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Link(String),
}

pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = start(rest) {
        let (before, from) = rest.split_at(at);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let (link, after) = from.split_at(end);
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Link(link.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

fn start(text: &str) -> Option<usize> {
    ["https://", "http://"].into_iter().filter_map(|scheme| text.find(scheme)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_out_and_nothing_is_lost() {
        let text = "See:\nhttp://localhost:3000/m/abc\nor call.";
        assert_eq!(
            parts(text),
            [
                Part::Text("See:\n".into()),
                Part::Link("http://localhost:3000/m/abc".into()),
                Part::Text("\nor call.".into()),
            ]
        );
        assert_eq!(parts("no link"), [Part::Text("no link".into())]);
    }
}
