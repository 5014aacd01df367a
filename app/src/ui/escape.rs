//! Escaping for the two places Leptos 0.8 leaves raw: the content of `<textarea>`, and `<title>`.

/// HTML text that reads as `text`, whichever element it stands in.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_element_can_be_opened_or_closed() {
        let escaped = escape("</textarea><script>alert('1')</script>&lt;");
        assert!(!escaped.contains(['<', '>', '\'']));
        assert!(escaped.ends_with("&amp;lt;"));
    }
}
