//! The one shape of our mails: a heading, short paragraphs, one button, and the same words as plain text.

/// Plain text: paragraphs, then the link on its own line.
pub(super) fn text(lines: &[String], button: Option<(&str, &str)>) -> String {
    let mut text = lines.join("\n\n");
    if let Some((label, link)) = button {
        text.push_str(&format!("\n\n{label}:\n{link}"));
    }
    text.push('\n');
    text
}

/// HTML without images, scripts or anything fetched. `strong` is the line that matters most.
pub(super) fn html(title: &str, lines: &[String], strong: Option<usize>, button: Option<(&str, &str)>) -> String {
    let mut body = String::new();
    for (i, line) in lines.iter().enumerate() {
        let style = if Some(i) == strong {
            "font-size:22px;font-weight:700;margin:0 0 16px"
        } else {
            "font-size:16px;margin:0 0 16px"
        };
        let line = escape(line).replace('\n', "<br>");
        body.push_str(&format!("<p style=\"{style}\">{line}</p>"));
    }
    if let Some((label, link)) = button {
        body.push_str(&format!(
            "<p style=\"margin:24px 0\"><a href=\"{}\" style=\"background:#0b6257;color:#ffffff;padding:14px 22px;\
             border-radius:12px;text-decoration:none;font-weight:600;display:inline-block\">{}</a></p>",
            escape(link),
            escape(label)
        ));
    }
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\" dir=\"ltr\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
         <body style=\"margin:0;background:#f6f7f4;color:#12211f;font-family:system-ui,sans-serif;line-height:1.5\">\
         <div style=\"max-width:560px;margin:0 auto;padding:24px\">\
         <div style=\"background:#ffffff;border:1px solid #dfe5e1;border-radius:14px;padding:24px\">\
         <h1 style=\"font-size:20px;margin:0 0 16px\">{title}</h1>{body}</div></div></body></html>"
    )
}

fn escape(text: &str) -> String {
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
    fn html_cannot_be_broken_by_what_it_says() {
        let html = html("<b>", &["</textarea><script>alert(1)</script>".to_owned()], None, Some(("\"x\"", "a\"b")));
        assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("a\"b"));
    }
}
