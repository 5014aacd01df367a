use proptest::prelude::*;

use super::*;

const ENGLISH: &str = "Appointment ID,Provider,Date,Start,End,Patient,Date of birth,MRN,Phone,Status,Reason\n\
    a1,Dr. Weber,11/26/2026,9:00 AM,9:30 AM,\"Kaya, Amira\",01/31/1980,0093,+49 30 23125 101,Booked,Check-up\n\
    a2,Dr. Weber,11/02/2026,11:30 PM,12:15 AM,Ben Li,,,,CANCELLED,\n";

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn told(telling: &Telling) -> Vec<String> {
    telling.entries.iter().map(|e| format!("{} {} {} {} {:?}", e.key, e.whose, e.start, e.end, e.state)).collect()
}

fn words(telling: &Telling) -> Vec<(usize, Option<&str>, &str)> {
    telling.problems.iter().map(|p| (p.line, p.key.as_deref(), p.words.as_str())).collect()
}

/// A mapping of these columns, as `kind=column`.
fn mapping(columns: &[&str]) -> Mapping {
    let mut mapping = Mapping { cancelled: vec!["Cancelled".into()], ..Mapping::default() };
    for column in columns {
        let (kind, column) = column.split_once('=').unwrap();
        *mapping.columns.get_mut(kind).unwrap() = column.to_owned();
    }
    mapping
}

#[test]
fn an_english_file_is_read_as_it_is_suggested() {
    let mapping = suggest(ENGLISH);
    assert_eq!(mapping.order, DateOrder::MonthDayYear);
    let telling = read(ENGLISH, &mapping, &berlin());
    assert_eq!(words(&telling), []);
    assert_eq!(
        told(&telling),
        [
            "a1 Dr. Weber 2026-11-26T08:00:00Z 2026-11-26T08:30:00Z Busy",
            "a2 Dr. Weber 2026-11-02T22:30:00Z 2026-11-02T23:15:00Z Cancelled",
        ],
        "the second ends after midnight"
    );
    let entry = &telling.entries[0];
    let who = Evidence {
        name: Some("Kaya, Amira".into()),
        birth_date: Some("1980-01-31".parse().unwrap()),
        number: Some("0093".into()),
        phone: Some("+49 30 23125 101".into()),
        email: None,
    };
    assert_eq!((&entry.who, entry.title.as_str()), (&who, "Check-up"));
    assert!(telling.entries[1].who.birth_date.is_none());
}

#[test]
fn files_in_other_languages_are_read_as_they_are_suggested() {
    let files = [
        (
            "German",
            "Termin-ID;Behandler;Datum;Uhrzeit;Dauer;Nachname;Vorname;Geburtsdatum;Patientennummer;Telefon;Status;Terminart\n\
             7;Dr. Weber;26.11.2026;09:00;30 Min.;Kaya;Amira;31.01.1980;0093;030 1;abgesagt;Vorsorge\n",
        ),
        (
            "German, with a name that is the family's",
            "Termin-ID;Behandler;Datum;Uhrzeit;Dauer;Name;Vorname;Geburtsdatum;Patientennummer;Telefon;Status;Terminart\n\
             7;Dr. Weber;26.11.2026;09:00;30 Min.;Kaya;Amira;31.01.1980;0093;030 1;abgesagt;Vorsorge\n",
        ),
        (
            "French",
            "ID RDV;Médecin;Début;Fin;Nom de famille;Prénom;Date de naissance;IPP;Téléphone;Statut;Motif\n\
             7;Dr. Weber;26/11/2026 09:00;26/11/2026 09:30;Kaya;Amira;31/01/1980;0093;030 1;annulé;Bilan\n",
        ),
        (
            "Spanish",
            "ID Cita;Profesional;Fecha;Hora;Hasta;Apellidos;Nombre;Fecha de nacimiento;Historia clínica;Teléfono;Estado;Motivo\n\
             7;Dr. Weber;26/11/2026;9:00;9:30;Kaya;Amira;31/01/1980;0093;030 1;cancelada;Control\n",
        ),
        (
            "Turkish",
            "Randevu No;Doktor;Tarih;Saat;Süre;Soyadı;Adı;Doğum Tarihi;Hasta No;Telefon;Durum;İşlem\n\
             7;Dr. Weber;26.11.2026;09:00;30 dk;Kaya;Amira;31.01.1980;0093;030 1;iptal;Kontrol\n",
        ),
    ];
    for (language, text) in files {
        let mapping = suggest(text);
        let telling = read(text, &mapping, &berlin());
        assert_eq!(words(&telling), [], "{language} {mapping:#?}");
        assert_eq!(
            told(&telling),
            ["7 Dr. Weber 2026-11-26T08:00:00Z 2026-11-26T08:30:00Z Cancelled"],
            "{language} {mapping:#?}"
        );
        let entry = &telling.entries[0];
        assert_eq!(entry.who.name.as_deref(), Some("Kaya, Amira"), "{language}");
        assert_eq!(entry.who.birth_date, "1980-01-31".parse().ok(), "{language}");
        assert_eq!(entry.who.number.as_deref(), Some("0093"), "{language}");
        assert_eq!(entry.who.phone.as_deref(), Some("030 1"), "{language}");
        assert!(!entry.title.is_empty(), "{language}");
    }
    let patient = suggest("Tarih;Saat;Hasta\n26.11.2026;09:00;Amira Kaya\n");
    assert_eq!((patient.columns.name.as_str(), patient.columns.end.as_str()), ("Hasta", ""), "in Turkish the patient");
}

#[test]
fn without_a_header_columns_have_numbers() {
    let text = "2026-11-26T09:00\t30\tRoom 1\n2026-11-26T10:00Z\t\tRoom 1\n";
    let suggested = suggest(text);
    assert!(!suggested.header && suggested.columns == Columns::default());
    let mapping = Mapping { header: false, minutes: Some(20), ..mapping(&["start=1", "duration=2", "whose=3"]) };
    let telling = read(text, &mapping, &berlin());
    assert_eq!(words(&telling), []);
    let times: Vec<_> =
        telling.entries.iter().map(|e| (e.start.to_string(), (e.end - e.start).get_seconds() / 60)).collect();
    assert_eq!(times, [("2026-11-26T08:00:00Z".into(), 30), ("2026-11-26T10:00:00Z".into(), 20)]);
    assert_eq!(first_rows(text, Delimiter::Sniffed, 1)[0], ["2026-11-26T09:00", "30", "Room 1"]);
}

#[test]
fn rows_without_an_id_have_a_key_of_what_they_say() {
    let mapping = mapping(&["start=Start", "end=End", "whose=Who", "name=Name", "id=Id"]);
    let head = "Start,End,Who,Name,Id\n";
    let row = "2026-11-26 09:00,2026-11-26 09:30,Weber,Kaya";
    let key = |rows: &str| read(&format!("{head}{rows}"), &mapping, &berlin()).entries[0].key.clone();
    let one = key(&format!("{row},\n"));
    assert_eq!(one, key(&format!("{row},\n")), "the same at every read");
    assert_eq!(one, key("2026-11-26 09:00,2026-11-26 09:45,Weber,Kaya,\n"), "a longer one is the same");
    assert_ne!(one, key("2026-11-26 09:05,2026-11-26 09:30,Weber,Kaya,\n"), "a moved one is another");
    assert_ne!(one, key("2026-11-26 09:00,2026-11-26 09:30,Weber,Li,\n"));
    assert_ne!(one, key("2026-11-26 09:00,2026-11-26 09:30,Li,Kaya,\n"));
    assert_eq!(key(&format!("{row},77\n")), "77");
    assert!(key(&format!("{row},{}\n", "x".repeat(150))).len() <= 512);
    let twice = read(&format!("{head}{row},77\n{row},78\n{row},77\n"), &mapping, &berlin());
    assert_eq!(twice.entries.len(), 2);
    assert_eq!(words(&twice), [(4, Some("77"), "this is the same entry as in line 2; only that one was taken")]);
}

#[test]
fn what_is_wrong_is_told_by_line_and_the_rest_is_read() {
    let mapping = mapping(&["start=Date", "start_time=Time", "end=End", "id=Id", "birth_date=Born"]);
    let text = "Date;Time;End;Id;Born\n\
        26.11.2026;09:00;09:30;1;\n\
        31.11.2026;09:00;09:30;2;\n\
        26.11.2026;;09:30;3;\n\
        26.11.2026;09:00;soon;4;\n\
        \n\
        26.11.2026;09:00;09:00;5;\n\
        26.11.2026;09:00;09:30;6;1.1.80\n\
        ;;;;\n\
        26.11.2026;09:00;;;\n\
        \"26.11.2026\"x;09:00;09:30;8;\n\
        26.11.2026;10:00;10:30;9;1.1.1980\n";
    let telling = read(text, &mapping, &berlin());
    let keys: Vec<_> = telling.entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["1", "9"]);
    assert_eq!(
        words(&telling),
        [
            (3, Some("2"), "the date \"31.11.2026\" is not understood"),
            (4, Some("3"), "the start's time is missing"),
            (5, Some("4"), "the time \"soon\" is not understood"),
            (7, Some("5"), "the end is not after the start"),
            (8, Some("6"), "the birth date \"1.1.80\" is not understood"),
            (10, None, "neither an end nor a length is given"),
            (11, None, "a value goes on behind the quotation mark that ends it"),
        ]
    );
}

#[test]
fn a_mapping_that_does_not_fit_is_said_in_words() {
    let words = |text: &str, mapping: &Mapping| {
        let telling = read(text, mapping, &berlin());
        assert!(telling.entries.is_empty());
        let [problem] = &telling.problems[..] else { panic!("{telling:#?}") };
        assert_eq!(problem.key, None, "nothing may be taken as gone");
        problem.words.clone()
    };
    assert_eq!(words(ENGLISH, &mapping(&["end=End"])), "it is not said which column has the start");
    assert_eq!(words(ENGLISH, &mapping(&["start=Begin", "end=End"])), "there is no column \"Begin\" in the file");
    let no_end = "it is not said which column has the end or the length, nor how long an entry is";
    assert_eq!(words(ENGLISH, &mapping(&["start=Date", "start_time=Start"])), no_end);
    assert_eq!(words("", &mapping(&["start=Date", "end=End"])), "the file is empty");
    let unclosed = read("Date,End\n\"2026-11-26 09:00,x\n2026", &mapping(&["start=Date", "end=End"]), &berlin());
    assert_eq!(unclosed.problems[0].key, None);
}

#[test]
fn the_night_the_clocks_change() {
    let mapping = mapping(&["start=Start", "duration=Minutes"]);
    let text = "Start,Minutes\n2026-03-29 02:30,30\n2026-10-25 02:30,30\n2026-10-25 01:30,90\n";
    let telling = read(text, &mapping, &berlin());
    let times: Vec<_> = telling.entries.iter().map(|entry| (entry.start.to_string(), entry.end.to_string())).collect();
    let pair = |start: &str, end: &str| (start.to_owned(), end.to_owned());
    assert_eq!(
        times,
        [
            pair("2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z"),
            pair("2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
            pair("2026-10-24T23:30:00Z", "2026-10-25T01:00:00Z"),
        ]
    );
}

#[test]
fn a_saved_mapping_is_read_again_also_one_of_fewer_fields() {
    let mapping = suggest(ENGLISH);
    let json = toml::to_string(&mapping).unwrap();
    assert_eq!(toml::from_str::<Mapping>(&json).unwrap(), mapping);
    let old: Mapping = toml::from_str("[columns]\nstart = 'Date'").unwrap();
    assert_eq!((old.columns.start.as_str(), old.header), ("Date", true));
    for (kind, _) in mapping.columns.each() {
        assert!(mapping.clone().columns.get_mut(kind).is_some(), "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_a_panic(text in "[a-zA-Z0-9;,\t\"\n\r:./ -]{0,200}", odd in any::<String>()) {
        for text in [&text, &odd, &format!("Start;End;Name\n{text}")] {
            let suggested = suggest(text);
            let fixed = Mapping { header: false, minutes: Some(15), ..mapping(&["start=1", "end=2", "name=3", "duration=2"]) };
            for mapping in [suggested, fixed] {
                for entry in read(text, &mapping, &berlin()).entries {
                    prop_assert!(entry.start < entry.end && !entry.key.is_empty() && entry.key.len() <= 512);
                }
            }
        }
    }
}
