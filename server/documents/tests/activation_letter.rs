//! The activation letter, read back from its PDF. The PDFs stay in `target/tmp`, to look at.

use std::collections::BTreeSet;

use documents::{ActivationLetter, DocumentError, Paper, Sender, activation_letter};
use lopdf::{Dictionary, Document, Object};

fn letter() -> ActivationLetter {
    ActivationLetter {
        clinic: Sender {
            name: "Lakeside Family Practice".into(),
            street_lines: vec!["12 Harbour Street".into(), "10115 Berlin".into()],
            phone: "+49 30 555 0100".into(),
            email: "hello@lakeside.example".into(),
        },
        addressee: vec!["Mrs Zoë Łukasiewicz".into(), "4 Garden Path".into(), "10117 Berlin".into(), "Germany".into()],
        date: "Thursday 26 November 2026".into(),
        greeting_name: "Mrs Łukasiewicz".into(),
        link: "https://portal.example.org/activate?c=K7QM-2XDP-9RWT".into(),
        short_link: "portal.example.org/activate".into(),
        code: "K7QM-2XDP-9RWT".into(),
        valid_until: "Saturday 26 December 2026".into(),
        locale: "en-DE".into(),
        paper: Paper::A4,
    }
}

fn print(name: &str, letter: &ActivationLetter) -> (Document, Vec<u8>) {
    let pdf = activation_letter(letter).unwrap_or_else(|error| panic!("{name}: {error}"));
    std::fs::write(format!("{}/activation_letter_{name}.pdf", env!("CARGO_TARGET_TMPDIR")), &pdf).unwrap();
    (Document::load_mem(&pdf).unwrap(), pdf)
}

/// Without spaces and line ends, which depend on where lines break.
fn text(document: &Document) -> String {
    squeezed(&document.extract_text(&[1]).unwrap())
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200B}').collect()
}

fn says(document: &Document, words: &str) -> bool {
    text(document).contains(&squeezed(words))
}

fn dictionaries(document: &Document) -> impl Iterator<Item = &Dictionary> {
    document.objects.values().filter_map(|object| object.as_dict().ok())
}

/// A text string, in PDFDocEncoding or UTF-16.
fn decoded(object: &Object) -> Option<String> {
    lopdf::decode_text_string(object).ok()
}

#[test]
fn a_letter_is_one_page_that_says_whom_what_and_how() {
    let (document, pdf) = print("plain", &letter());
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert_eq!(document.get_pages().len(), 1);
    for words in [
        "Mrs Zoë Łukasiewicz",
        "4 Garden Path",
        "Dear Mrs Łukasiewicz,",
        "Thursday 26 November 2026",
        "Set up your online account",
        "portal.example.org/activate",
        "K7QM-2XDP-9RWT",
        "It works until Saturday 26 December 2026.",
        "Call us on +49 30 555 0100 or write to hello@lakeside.example.",
        "Lakeside Family Practice",
    ] {
        assert!(says(&document, words), "{words} is not in {}", text(&document));
    }
}

#[test]
fn a_clinic_with_only_a_phone_offers_that() {
    let mut letter = letter();
    letter.clinic.email.clear();
    letter.clinic.street_lines.clear();
    let (document, _) = print("only_phone", &letter);
    assert!(says(&document, "Call us on +49 30 555 0100. You can"));
}

#[test]
fn it_can_be_listened_to() {
    let (document, pdf) = print("listened", &letter());
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").ok().and_then(decoded).as_deref(), Some("en-DE"));
    assert!(catalog.has(b"StructTreeRoot"));
    let xmp = String::from_utf8_lossy(&pdf);
    assert!(xmp.contains("<pdfuaid:part>1</pdfuaid:part>"));

    let info = document.trailer.get(b"Info").and_then(Object::as_reference).unwrap();
    let info = document.get_dictionary(info).unwrap();
    let title = info.get(b"Title").ok().and_then(decoded).unwrap();
    assert_eq!(title, "Set up your online account: letter from Lakeside Family Practice");
    assert_eq!(info.get(b"Author").ok().and_then(decoded).as_deref(), Some("Lakeside Family Practice"));
    assert!(!info.has(b"CreationDate"));

    let kinds: Vec<&[u8]> = dictionaries(&document).filter_map(|d| d.get(b"S").ok()?.as_name().ok()).collect();
    for kind in ["H1", "H2", "P", "L", "LI", "Figure", "Link"] {
        assert!(kinds.contains(&kind.as_bytes()), "no {kind}");
    }
    let alt = dictionaries(&document)
        .filter(|d| d.get(b"S").and_then(Object::as_name).is_ok_and(|kind| kind == b"Figure"))
        .find_map(|figure| decoded(figure.get(b"Alt").ok()?))
        .unwrap();
    assert!(alt.starts_with("QR code that opens portal.example.org/activate."), "{alt}");
}

#[test]
fn on_a_screen_the_addresses_can_be_touched() {
    let (document, _) = print("screen", &letter());
    let targets: BTreeSet<String> = dictionaries(&document)
        .filter_map(|d| d.get(b"A").ok()?.as_dict().ok())
        .filter_map(|action| decoded(action.get(b"URI").ok()?))
        .collect();
    let expected = ["https://portal.example.org/activate?c=K7QM-2XDP-9RWT", "mailto:hello@lakeside.example"];
    assert_eq!(targets, expected.map(String::from).into());
}

#[test]
fn what_people_typed_stays_text() {
    let markup = r##"#panic("x") *bold* _it_ $ x^2 $ \ "` // = == @ref <label> #link("https://evil.example")"##;
    let html = "</textarea><script>alert(1)</script>";
    let mut letter = letter();
    letter.clinic.name = markup.into();
    letter.clinic.street_lines = vec![markup.into()];
    letter.clinic.email = markup.into();
    letter.addressee = vec![html.into(), "~--- [a] {b} ``` & ; ]]>".into()];
    letter.greeting_name = html.into();
    letter.short_link = r#"a.example/"#.to_owned() + "\"]#[<";
    letter.code = "*A*-#B-$C".into();
    let (document, _) = print("typed", &letter);
    for words in [markup, html, "~--- [a] {b} ``` & ; ]]>", "a.example/\"]#[<", "*A*-#B-$C"] {
        assert!(says(&document, words), "{words} is not in {}", text(&document));
    }
}

#[test]
fn nothing_in_a_name_moves_the_other_words() {
    let mut letter = letter();
    letter.addressee[0] = "Ada\u{202E}\nB.\u{0}\u{2067} Lovelace\u{FFFE}".into();
    let (document, _) = print("turned", &letter);
    assert!(says(&document, "Ada B. Lovelace"), "{}", text(&document));
}

#[test]
fn long_names_and_eight_address_lines_stay_on_the_page() {
    let name = "Interdisciplinary Community Health and Rehabilitation Centre of the United Parishes of Saint Bartholomew on the Hillside";
    assert_eq!(name.len(), 120);
    for (paper, which) in [(Paper::A4, "long_a4"), (Paper::UsLetter, "long_letter")] {
        let mut letter = letter();
        letter.paper = paper;
        letter.clinic.name = name.into();
        letter.clinic.street_lines = vec![name[..60].into(), name[60..].into(), "10115 Berlin".into()];
        letter.clinic.email = format!("{}@lakeside.example", "hello-".repeat(15));
        letter.short_link = format!("{}.example.org/activate", "portal-".repeat(12));
        letter.greeting_name = name.into();
        letter.addressee = vec![name.into(), "x".repeat(120)];
        letter.addressee.extend((1..=6).map(|n| format!("Line {n} of an address that has a good many words")));
        let (document, _) = print(which, &letter);
        assert_eq!(document.get_pages().len(), 1);
        for words in [name, "Line 6 of an address that has a good many words", &"x".repeat(120)] {
            assert!(says(&document, words), "{words}");
        }
    }
}

#[test]
fn what_no_page_holds_is_refused() {
    let mut letter = letter();
    letter.addressee = vec!["An endless name".repeat(100)];
    assert_eq!(activation_letter(&letter), Err(DocumentError::DoesNotFit));

    let mut letter = self::letter();
    letter.code = "ABCD-".repeat(40);
    assert_eq!(activation_letter(&letter), Err(DocumentError::DoesNotFit));

    let mut letter = self::letter();
    letter.greeting_name = "An endless name ".repeat(500);
    assert_eq!(activation_letter(&letter), Err(DocumentError::DoesNotFit));
}

#[test]
fn the_same_letter_has_the_same_bytes() {
    assert_eq!(activation_letter(&letter()), activation_letter(&letter()));
    let mut other = letter();
    other.code = "AAAA-BBBB-CCCC".into();
    assert_ne!(activation_letter(&letter()), activation_letter(&other));
}

#[test]
fn letters_made_at_once_do_not_mix() {
    let letters: Vec<ActivationLetter> = (10..14)
        .map(|n| ActivationLetter { code: format!("CODE-{n}"), greeting_name: format!("Number {n}"), ..letter() })
        .collect();
    std::thread::scope(|scope| {
        for letter in &letters {
            scope.spawn(|| {
                let document = Document::load_mem(&activation_letter(letter).unwrap()).unwrap();
                assert!(says(&document, &letter.code) && says(&document, &letter.greeting_name));
            });
        }
    });
}

#[test]
fn names_in_other_scripts_are_printed() {
    for (which, name) in [
        ("greek", "Αθηνά Παπαδοπούλου"),
        ("cyrillic", "Володимир Щербаківський"),
        ("vietnamese", "Nguyễn Thị Ánh Nguyệt"),
        ("hebrew", "דוד לוי"),
        ("arabic", "محمد عبد اللطيف"),
        ("persian", "پریچهر گل‌محمدی"),
        ("armenian", "Արամ Խաչատրյան"),
        ("georgian", "თამარ მეფე"),
    ] {
        let mut letter = letter();
        letter.addressee[0] = name.into();
        letter.greeting_name = name.into();
        letter.clinic.name = name.into();
        assert_eq!(print(which, &letter).0.get_pages().len(), 1);
    }
}

#[test]
fn a_name_no_font_has_is_refused_without_quoting_it() {
    let mut letter = letter();
    letter.addressee[0] = "Wang Xiaoming 王小明".into();
    let error = activation_letter(&letter).unwrap_err();
    assert_eq!(error, DocumentError::NoGlyph { field: "addressee", character: '王' });
    assert_eq!(error.to_string(), "no font has U+738B, which is in addressee");
}

#[test]
fn letters_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut ActivationLetter)| {
        let mut letter = letter();
        change(&mut letter);
        activation_letter(&letter).unwrap_err()
    };
    assert_eq!(refused(|l| l.link = "javascript:alert(1)".into()), DocumentError::Link);
    assert_eq!(refused(|l| l.link = format!("https://a.example/{}", "a".repeat(900))), DocumentError::LinkTooLong);
    assert_eq!(refused(|l| l.code = " \n".into()), DocumentError::Empty("code"));
    assert_eq!(refused(|l| l.addressee = vec![String::new()]), DocumentError::Empty("addressee"));
    assert_eq!(refused(|l| l.clinic.name.clear()), DocumentError::Empty("clinic.name"));
}

#[test]
fn the_sheet_is_the_countrys() {
    for (paper, which, width, height) in [(Paper::A4, "a4", 595, 842), (Paper::UsLetter, "us", 612, 792)] {
        let (document, _) = print(which, &ActivationLetter { paper, ..letter() });
        let page = document.get_pages()[&1];
        let page = document.get_dictionary(page).unwrap();
        let sheet: Vec<i32> = page
            .get(b"MediaBox")
            .and_then(Object::as_array)
            .unwrap()
            .iter()
            .map(|side| side.as_float().unwrap().round() as i32)
            .collect();
        assert_eq!(sheet, [0, 0, width, height]);
    }
}
