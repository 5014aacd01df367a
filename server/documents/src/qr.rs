//! QR codes (ISO/IEC 18004) as drawings.

use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use crate::DocumentError;

/// Light modules around the symbol that readers need (ISO/IEC 18004, 5.3.8).
const QUIET_ZONE: i32 = 4;
/// Version 20 has 97 modules: 0.4 mm each at the size that letters print them, which phones still read from paper.
const LARGEST: u8 = 20;

/// A code of at least error correction level M (a higher one where the same size holds it).
pub(crate) fn encode(text: &str) -> Result<QrCode, DocumentError> {
    QrCode::encode_segments_advanced(
        &QrSegment::make_segments(text),
        QrCodeEcc::Medium,
        Version::MIN,
        Version::new(LARGEST),
        None,
        true,
    )
    .map_err(|_| DocumentError::LinkTooLong)
}

/// One SVG path in black, quiet zone included, one unit a module.
pub(crate) fn svg(code: &QrCode) -> String {
    let side = code.size() + 2 * QUIET_ZONE;
    let path: String = (0..code.size()).flat_map(|y| runs(code, y)).collect();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path fill="#000" d="{path}"/></svg>"##
    )
}

/// The dark stretches of row `y`, each a rectangle.
fn runs(code: &QrCode, y: i32) -> Vec<String> {
    let dark = |x: i32| code.get_module(x, y);
    (0..code.size())
        .filter(|&x| dark(x) && !dark(x - 1))
        .map(|start| {
            let length = (start..=code.size()).take_while(|&x| dark(x)).count();
            format!("M{} {}h{length}v1h-{length}z", start + QUIET_ZONE, y + QUIET_ZONE)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://portal.example.org/activate?c=ABCD-EFGH-JKLM";

    /// Which unit squares of the drawing are dark, by reading its path back.
    fn squares(svg: &str, side: usize) -> Vec<Vec<bool>> {
        let mut dark = vec![vec![false; side]; side];
        let path = svg.split(" d=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a path");
        for run in path.split('z').filter(|run| !run.is_empty()) {
            let numbers: Vec<usize> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let [x, y, length, 1, back] = numbers[..] else { panic!("not a run: {run}") };
            assert_eq!(length, back);
            dark[y][x..x + length].fill(true);
        }
        dark
    }

    #[test]
    fn what_is_drawn_reads_as_the_link() {
        let code = encode(LINK).unwrap();
        let size = usize::try_from(code.size()).unwrap();
        let dark = squares(&svg(&code), size + 8);
        let grid = rqrr::Grid::new(rqrr::SimpleGrid::from_func(size, |x, y| dark[y + 4][x + 4]));
        let (meta, text) = grid.decode().unwrap();
        assert_eq!(text, LINK);
        // Two bits of the format: 1 is L, 0 is M, 3 is Q, 2 is H.
        assert_ne!(meta.ecc_level, 1);
    }

    #[test]
    fn four_light_modules_surround_it() {
        let code = encode(LINK).unwrap();
        let side = usize::try_from(code.size()).unwrap() + 8;
        let dark = squares(&svg(&code), side);
        for (y, row) in dark.iter().enumerate() {
            for (x, &module) in row.iter().enumerate() {
                let outside = [x, y].iter().any(|&at| at < 4 || at >= side - 4);
                assert!(!(outside && module), "dark at {x}, {y}");
            }
        }
    }

    #[test]
    fn a_link_no_phone_could_read_from_paper_is_refused() {
        assert!(encode(&format!("https://example.org/{}", "a".repeat(600))).is_ok());
        assert_eq!(encode(&format!("https://example.org/{}", "a".repeat(700))).err(), Some(DocumentError::LinkTooLong));
    }
}
