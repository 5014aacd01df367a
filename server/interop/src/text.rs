//! Bytes of a file somebody saved, as text.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// By its byte order mark, else UTF-8 where it is that, else UTF-16 where every other byte is nought, else Windows-1252,
/// which spreadsheets save in and where every byte is something. Never fails; never has a byte order mark.
pub fn text_of(bytes: &[u8]) -> String {
    let encoding = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => match utf16_without_mark(bytes) {
            Some(encoding) => encoding,
            None if std::str::from_utf8(bytes).is_ok() => UTF_8,
            None => WINDOWS_1252,
        },
    };
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

/// Text of our languages has a nought in nearly every pair.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = &bytes[..bytes.len().min(400)];
    let noughts = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, most) = (noughts(0), noughts(1), head.len() / 2);
    match () {
        () if most < 4 => None,
        () if odd * 10 >= most * 7 && even * 10 <= most => Some(UTF_16LE),
        () if even * 10 >= most * 7 && odd * 10 <= most => Some(UTF_16BE),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Datum;Name\r\n26.11.2026;Müller-Çelik\r\n";

    fn utf16(to: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
        mark.then_some(0xFEFF).into_iter().chain(TEXT.encode_utf16()).flat_map(to).collect()
    }

    #[test]
    fn every_way_to_save_a_file_gives_the_same_text() {
        let (windows, ..) = WINDOWS_1252.encode(TEXT);
        let marked = format!("\u{FEFF}{TEXT}");
        for (how, bytes) in [
            ("UTF-8", TEXT.as_bytes().to_vec()),
            ("UTF-8 with a mark", marked.into_bytes()),
            ("Windows-1252", windows.into_owned()),
            ("UTF-16 LE", utf16(u16::to_le_bytes, true)),
            ("UTF-16 BE", utf16(u16::to_be_bytes, true)),
            ("UTF-16 LE without a mark", utf16(u16::to_le_bytes, false)),
            ("UTF-16 BE without a mark", utf16(u16::to_be_bytes, false)),
        ] {
            assert_eq!(text_of(&bytes), TEXT, "{how}");
        }
    }

    #[test]
    fn no_bytes_are_refused() {
        for bytes in [&b""[..], b"\x00", b"\xff\xfe\x00", b"\xfe\xff\xd8", b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"]
        {
            let _ = text_of(bytes);
        }
        assert_eq!(text_of(b"a\x80b"), "a€b");
    }
}
