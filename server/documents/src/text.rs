//! Text as it may be printed: one line, no characters that act on their neighbours.

use unicode_segmentation::UnicodeSegmentation;

/// Characters of the longest word that is sure to stay inside a narrow column, such as the window for the address.
pub(crate) const NARROW: usize = 28;
/// The same in a line of the letter.
pub(crate) const WIDE: usize = 44;

/// `text` on one line, with single spaces. Control characters are spaces; marks that turn the direction of what follows
/// (U+202A to U+202E, U+2066 to U+2069), noncharacters and the byte order mark are dropped.
pub(crate) fn plain(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|&c| !turns_direction(c) && !is_noncharacter(c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// [`plain`], and words of more than `longest` characters may break anywhere, by zero-width spaces.
pub(crate) fn wrapping(text: &str, longest: usize) -> String {
    plain(text).split(' ').map(|word| breakable(word, longest)).collect::<Vec<_>>().join(" ")
}

fn breakable(word: &str, longest: usize) -> String {
    let characters: Vec<&str> = word.graphemes(true).collect();
    if characters.len() > longest { characters.join("\u{200B}") } else { word.to_owned() }
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_noncharacter(c: char) -> bool {
    c == '\u{FEFF}' || matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_one_line() {
        assert_eq!(plain("  Ada\n\tLovelace \u{0}"), "Ada Lovelace");
        assert_eq!(plain(" \r\n "), "");
    }

    #[test]
    fn nothing_turns_the_rest_of_the_line_around() {
        assert_eq!(plain("Ada\u{202E} Lovelace\u{2066}\u{FEFF}\u{FFFE}"), "Ada Lovelace");
    }

    #[test]
    fn only_words_that_no_column_holds_may_break_anywhere() {
        assert_eq!(wrapping("Donaudampfschifffahrt 12", NARROW), "Donaudampfschifffahrt 12");
        assert_eq!(wrapping("abcd efg", 3), "a\u{200B}b\u{200B}c\u{200B}d efg");
    }
}
