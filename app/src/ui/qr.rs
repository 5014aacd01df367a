//! A QR code as a drawing in the page.

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Cells of quiet around it (ISO/IEC 18004).
const QUIET: i32 = 4;

/// Nothing where the text is too long for any code: the text itself stands beside it.
#[component]
pub fn Qr(
    #[prop(into)] text: String,
    /// For people who do not see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let code = QrCode::encode_text(&text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let path: String = (0..code.size()).flat_map(|y| runs(&code, y)).collect();
    Some(view! {
        <svg class="qr" role="img" aria-label=label viewBox=format!("0 0 {side} {side}")>
            <rect width="100%" height="100%" fill="#fff" />
            <path d=path fill="#000" />
        </svg>
    })
}

/// The dark stretches of a row.
fn runs(code: &QrCode, y: i32) -> Vec<String> {
    let (mut all, mut from) = (Vec::new(), None);
    // Outside of the code nothing is dark.
    for x in 0..=code.size() {
        match (code.get_module(x, y), from) {
            (true, None) => from = Some(x),
            (false, Some(start)) => {
                let long = x - start;
                all.push(format!("M{} {}h{long}v1h-{long}z", start + QUIET, y + QUIET));
                from = None;
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_cell_is_drawn_once() {
        let code = QrCode::encode_text("https://example.com/k/7F3K-9QWX-2M4T-VB6D", QrCodeEcc::Medium).unwrap();
        let dark = |y| (0..code.size()).filter(|x| code.get_module(*x, y)).count();
        for y in 0..code.size() {
            let drawn: usize = runs(&code, y)
                .iter()
                .map(|run| run.split('h').nth(1).unwrap().split('v').next().unwrap().parse::<usize>().unwrap())
                .sum();
            assert_eq!(drawn, dark(y));
        }
    }
}
