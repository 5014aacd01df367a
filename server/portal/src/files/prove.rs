//! What somebody sent is believed by its content alone (ASVS 5). A photo is drawn anew, upright, so that nothing else
//! that was in the file is kept: no place, no camera, nothing hidden behind the picture.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
};
use tokio::sync::Semaphore;

use super::{FileError, Purpose};
use crate::error::Internal;

/// Of what is sent.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
const MOST_PDF_BYTES: usize = 5 * 1024 * 1024;
const MOST_PIXELS: u64 = 25_000_000;
/// Of one picture while it is drawn anew.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// Of what is kept, in pixels: enough to read a card's small print.
const LONGER_SIDE: u32 = 2000;
const QUALITY: u8 = 85;

/// So many pictures at once, because each may take `MOST_MEMORY`.
static TURNS: Semaphore = Semaphore::const_new(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    Jpeg,
    Pdf,
}

impl MediaType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Internal> {
        let found = [Self::Jpeg, Self::Pdf].into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| Internal::Data(format!("media type {text}")))
    }
}

/// What may be kept. Only `prove` makes one.
#[derive(Clone, Debug)]
pub struct Proved {
    pub(super) media_type: MediaType,
    pub(super) body: Vec<u8>,
}

/// Looks at what was sent, whatever it says of itself.
pub async fn prove(sent: Vec<u8>, purpose: Purpose) -> Result<Proved, FileError> {
    if sent.len() > MOST_BYTES {
        return Err(FileError::NotAllowed);
    }
    if sent.starts_with(b"%PDF-") {
        let fits = purpose.takes_pdf() && sent.len() <= MOST_PDF_BYTES;
        return if fits { Ok(Proved { media_type: MediaType::Pdf, body: sent }) } else { Err(FileError::NotAllowed) };
    }
    let turn = TURNS.acquire().await.map_err(|_| Internal::Data("pictures are no longer drawn".to_owned()))?;
    let drawn = tokio::task::spawn_blocking(move || {
        let drawn = redraw(&sent);
        drop(turn);
        drawn
    });
    // A picture that a decoder stumbles over is none.
    let body = drawn.await.ok().flatten().ok_or(FileError::NotAllowed)?;
    Ok(Proved { media_type: MediaType::Jpeg, body })
}

/// `None` for what is no picture of the kinds that are taken, or too large a one.
fn redraw(sent: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(sent)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return None;
    }
    let upright = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    if width.max(height) > LONGER_SIDE {
        image = image.resize(LONGER_SIDE, LONGER_SIDE, FilterType::Triangle);
    }
    image.apply_orientation(upright);
    let image = on_white(image);
    let mut body = Vec::new();
    JpegEncoder::new_with_quality(&mut body, QUALITY)
        .encode(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
        .ok()?;
    Some(body)
}

/// JPEG has no transparency, and what is behind a picture is paper.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut paper = RgbImage::new(image.width(), image.height());
    for (from, to) in image.pixels().zip(paper.pixels_mut()) {
        let alpha = u16::from(from.0[3]);
        let mix = |ink: u8| ((u16::from(ink) * alpha + 255 * (255 - alpha)) / 255) as u8;
        *to = Rgb([mix(from.0[0]), mix(from.0[1]), mix(from.0[2])]);
    }
    paper
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn written(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn read(bytes: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
        })
    }

    /// A PNG of few bytes that says it is this large.
    fn says(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
        let mut header = b"IHDR".to_vec();
        header.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        header.extend([depth, colour, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for chunk in [&header[..], b"IDAT\x78\x9c\x03\x00\x00\x00\x00\x01", b"IEND"] {
            png.extend((chunk.len() as u32 - 4).to_be_bytes());
            png.extend(chunk);
            png.extend(crc(chunk).to_be_bytes());
        }
        png
    }

    #[test]
    fn pictures_of_every_kind_become_jpegs() {
        let red = RgbImage::from_pixel(40, 20, Rgb([220, 10, 10]));
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let drawn = read(&redraw(&written(red.clone(), format)).unwrap());
            assert_eq!(drawn.dimensions(), (40, 20));
            assert!(drawn.get_pixel(20, 10).0[0] > 200, "{format:?}");
        }
    }

    #[test]
    fn a_large_picture_becomes_smaller() {
        let drawn = read(&redraw(&written(RgbImage::new(2500, 50), ImageFormat::Png)).unwrap());
        assert_eq!(drawn.dimensions(), (2000, 40));
    }

    #[test]
    fn behind_what_is_transparent_is_paper() {
        let nothing = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        let drawn = read(&redraw(&written(nothing, ImageFormat::Png)).unwrap());
        assert!(drawn.get_pixel(4, 4).0.iter().all(|ink| *ink > 250));
    }

    #[test]
    fn few_bytes_that_become_many_are_refused_before_they_do() {
        // A control: the same bytes that say a small size fail only because their pixels are missing.
        assert!(redraw(&says(2, 2, 8, 0)).is_none());
        assert!(redraw(&says(60_000, 60_000, 8, 0)).is_none());
        // Fewer pixels than may be, of eight bytes each.
        assert!(redraw(&says(6300, 6300, 16, 6)).is_none());
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for sent in [&b""[..], b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0 not so"] {
            assert!(redraw(sent).is_none(), "{sent:?}");
        }
    }

    #[tokio::test]
    async fn a_pdf_is_kept_as_it_is_where_papers_are_taken() {
        let pdf = b"%PDF-1.7 and so on".to_vec();
        let kept = prove(pdf.clone(), Purpose::GrantRequest).await.unwrap();
        assert_eq!((kept.media_type, kept.body), (MediaType::Pdf, pdf.clone()));
        assert!(prove(pdf.clone(), Purpose::CardFront).await.is_err());
        let large = [pdf, vec![b' '; MOST_PDF_BYTES]].concat();
        assert!(prove(large, Purpose::GrantRequest).await.is_err());
    }
}
