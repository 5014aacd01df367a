//! The fonts inside the binary, and what they can draw.
//!
//! From `typst-assets`: Libertinus Serif (text), New Computer Modern, New Computer Modern Math and DejaVu Sans Mono
//! (codes); 11 MB, under the OFL, the GUST licence and DejaVu's own. Nothing is read from the machine, so a letter looks
//! the same everywhere.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, is_default_ignorable};
use typst::utils::LazyHash;
use unicode_segmentation::UnicodeSegmentation;

pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let list: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&list)), list }
});

pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) list: Vec<Font>,
}

/// Would a part of `text` be an empty box? Then the documents refuse it with [`NoGlyph`](crate::DocumentError::NoGlyph),
/// and the caller should ask for a spelling in Latin letters.
///
/// * Covered: Latin with all its diacritics (Vietnamese, too), Greek, Cyrillic, Hebrew, Armenian, Georgian,
///   and Arabic with Persian (readable, but in a typewriter's face).
/// * Not covered: Chinese, Japanese, Korean (their fonts are larger than the rest of Portico), four letters of Urdu,
///   the scripts of South and South-East Asia (some Devanagari characters exist for mathematics, without joining),
///   Ethiopic, emoji.
pub fn missing_glyphs(text: &str) -> bool {
    first_missing(&crate::text::plain(text)).is_some()
}

/// The first character that would be a box. A letter and the marks on it have to come from one font.
pub(crate) fn first_missing(text: &str) -> Option<char> {
    text.graphemes(true).find(|cluster| !drawable(cluster)).and_then(|cluster| cluster.chars().next())
}

fn drawable(cluster: &str) -> bool {
    if cluster.chars().any(needs_a_shaper_we_have_no_font_for) {
        return false;
    }
    let mut shown = cluster.chars().filter(|&c| !c.is_whitespace() && !is_default_ignorable(c)).peekable();
    shown.peek().is_none() || {
        let shown: Vec<char> = shown.collect();
        FONTS.list.iter().any(|font| shown.iter().all(|&c| font.info().coverage.contains(u32::from(c))))
    }
}

/// Devanagari: New Computer Modern Math has its characters, but not what joins them to words.
fn needs_a_shaper_we_have_no_font_for(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{097F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_these_scripts_can_be_printed() {
        for name in [
            "Zoë Łukasiewicz-Ðorđević, Þórunn ẞ",
            "Nguyễn Thị Ánh Nguyệt",
            "Nguye\u{302}\u{303}n",
            "Αθηνά Παπαδοπούλου",
            "Володимир Щербаківський",
            "Әлихан Бөкейханұлы",
            "דוד בן־גוריון",
            "Արամ Խաչատրյան",
            "თამარ მეფე",
            "محمد عبد اللطيف",
            "پریچهر گل‌محمدی ژاله",
            "O’Connor – № 5 €",
            "",
        ] {
            assert!(!missing_glyphs(name), "{name}");
        }
    }

    #[test]
    fn names_that_would_become_boxes_are_known() {
        for name in ["王小明", "佐藤 あかり", "김민준", "ٹیپو سلطان ںے", "अमिताभ", "அருள்", "สมชาย", "አበበ", "🙂"]
        {
            assert!(missing_glyphs(name), "{name}");
        }
    }

    #[test]
    fn the_first_box_is_named() {
        assert_eq!(first_missing("Li 李 Wei"), Some('李'));
    }
}
