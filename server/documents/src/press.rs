//! The press: a template and its values in, a PDF out.
//!
//! Tagged PDF 1.7 that meets PDF/UA-1 (ISO 14289-1); typst checks and refuses what does not. There is no date in it and
//! nothing random, so the same input gives the same bytes.

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, comemo};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::DocumentError;
use crate::fonts::FONTS;

/// What `fit` in `stationery.typ` panics with.
const DOES_NOT_FIT: &str = "does not fit";

/// Sets `template` on one page with `values`, which it sees as `sys.inputs`. It may import `/stationery.typ` and nothing else.
pub(crate) fn print(template: &'static str, values: Dict) -> Result<Vec<u8>, DocumentError> {
    let pdf = Press::new(template, values).and_then(|press| press.pdf());
    // typst remembers what it set, to be quick the next time. It holds people's names and codes: forget it.
    comemo::evict(0);
    pdf
}

/// All that typst may see of the world.
struct Press {
    library: LazyHash<Library>,
    template: Source,
    stationery: Source,
}

impl Press {
    fn new(template: &'static str, values: Dict) -> Result<Self, DocumentError> {
        Ok(Self {
            library: LazyHash::new(Library::builder().with_inputs(values).build()),
            template: source("/document.typ", template)?,
            stationery: source("/stationery.typ", include_str!("stationery.typ"))?,
        })
    }

    fn pdf(&self) -> Result<Vec<u8>, DocumentError> {
        let set = typst::compile::<PagedDocument>(self);
        debug_assert!(set.warnings.is_empty(), "{:?}", set.warnings);
        let document = set.output.map_err(|errors| refused(&errors))?;
        if document.pages().len() != 1 {
            return Err(DocumentError::DoesNotFit);
        }
        let options = PdfOptions {
            creator: Smart::Custom(Some("Portico".to_owned())),
            standards: PdfStandards::new(&[PdfStandard::V_1_7, PdfStandard::Ua_1])
                .map_err(|error| DocumentError::Typesetting(error.message().to_string()))?,
            ..PdfOptions::default()
        };
        // Its messages may quote the text.
        typst_pdf::pdf(&document, &options).map_err(|_| DocumentError::Typesetting("PDF/UA-1 forbids it".to_owned()))
    }
}

fn source(path: &str, text: &str) -> Result<Source, DocumentError> {
    let path = VirtualPath::new(path).map_err(|error| DocumentError::Typesetting(error.to_string()))?;
    Ok(Source::new(RootedPath::new(VirtualRoot::Project, path).intern(), text.to_owned()))
}

fn refused(errors: &[SourceDiagnostic]) -> DocumentError {
    let first = errors.first().map(|error| error.message.as_str()).unwrap_or_default();
    if first.contains(DOES_NOT_FIT) { DocumentError::DoesNotFit } else { DocumentError::Typesetting(first.to_owned()) }
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.template, &self.stationery]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.source(id).map(Bytes::from_string)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.list.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
