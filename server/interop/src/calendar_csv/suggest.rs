//! A first guess at a mapping, from the header's words and what stands below them. Staff see it and put it right.

use csv::StringRecord;

use super::{Columns, DateOrder, Delimiter, Mapping, records, strings, value};

/// Rows that are looked at.
const SAMPLE: usize = 50;

/// Words of headers in English, German, French, Spanish and Turkish, folded. Where a word fits two, the first here has it.
const WORDS: [(&str, &[&str]); 17] = [
    (
        "birth_date",
        &[
            "birthdate",
            "dateofbirth",
            "dob",
            "born",
            "geburtsdatum",
            "gebdatum",
            "geboren",
            "datedenaissance",
            "naissance",
            "fechadenacimiento",
            "nacimiento",
            "dogumtarihi",
            "patientbirthdate",
            "patientdob",
        ],
    ),
    (
        "id",
        &[
            "id",
            "uid",
            "appointmentid",
            "apptid",
            "bookingid",
            "eventid",
            "terminid",
            "terminnr",
            "terminnummer",
            "rdvid",
            "idrdv",
            "idcita",
            "citaid",
            "randevuid",
            "randevuno",
            "eventuid",
        ],
    ),
    ("visit", &["portico", "porticoid", "porticovisit", "xporticovisit"]),
    (
        "number",
        &[
            "patientid",
            "patientno",
            "patientnumber",
            "mrn",
            "chartnumber",
            "chart",
            "patientennummer",
            "patientennr",
            "patnr",
            "patientnr",
            "numeropatient",
            "numerodossier",
            "ipp",
            "numerodepaciente",
            "historia",
            "historiaclinica",
            "hastano",
            "hastanumarasi",
            "protokolno",
        ],
    ),
    (
        "given",
        &[
            "firstname",
            "givenname",
            "given",
            "forename",
            "vorname",
            "prenom",
            "nombre",
            "ad",
            "adi",
            "patientfirstname",
        ],
    ),
    (
        "family",
        &[
            "lastname",
            "surname",
            "familyname",
            "family",
            "nachname",
            "familienname",
            "nomdefamille",
            "apellido",
            "apellidos",
            "soyad",
            "soyadi",
            "patientlastname",
        ],
    ),
    (
        "name",
        &[
            "patient",
            "patientname",
            "name",
            "fullname",
            "client",
            "patientenname",
            "nom",
            "nompatient",
            "nomdupatient",
            "paciente",
            "nombredelpaciente",
            "hasta",
            "hastaadi",
            "adsoyad",
            "adisoyadi",
            "hastaadisoyadi",
        ],
    ),
    (
        "phone",
        &[
            "phone",
            "telephone",
            "mobile",
            "cell",
            "tel",
            "telefon",
            "handy",
            "mobil",
            "portable",
            "telefono",
            "movil",
            "ceptelefonu",
        ],
    ),
    ("email", &["email", "mail", "emailaddress", "courriel", "correo", "correoelectronico", "eposta"]),
    (
        "whose",
        &[
            "practitioner",
            "provider",
            "doctor",
            "physician",
            "clinician",
            "resource",
            "room",
            "calendar",
            "staff",
            "with",
            "arzt",
            "behandler",
            "ressource",
            "raum",
            "zimmer",
            "kalender",
            "mitarbeiter",
            "medecin",
            "praticien",
            "salle",
            "agenda",
            "medico",
            "doctora",
            "profesional",
            "sala",
            "doktor",
            "hekim",
            "oda",
            "location",
        ],
    ),
    ("status", &["status", "state", "stand", "statut", "etat", "estado", "durum", "durumu"]),
    (
        "duration",
        &[
            "duration",
            "length",
            "minutes",
            "min",
            "dauer",
            "laenge",
            "duree",
            "duracion",
            "suere",
            "sueresi",
            "durationmin",
        ],
    ),
    (
        "title",
        &[
            "title",
            "subject",
            "reason",
            "type",
            "appointmenttype",
            "service",
            "description",
            "betreff",
            "titel",
            "grund",
            "terminart",
            "art",
            "leistung",
            "motif",
            "objet",
            "titre",
            "motivo",
            "asunto",
            "titulo",
            "konu",
            "baslik",
            "islem",
        ],
    ),
    (
        "changed",
        &[
            "changed",
            "modified",
            "lastmodified",
            "updated",
            "updatedat",
            "lastupdated",
            "geaendert",
            "modifie",
            "modificado",
            "guencelleme",
        ],
    ),
    ("end_time", &["endtime", "endzeit", "heurefin", "heuredefin", "horafin", "horadefin", "bitissaati"]),
    (
        "end",
        &["end", "ends", "enddate", "until", "to", "ende", "bis", "enddatum", "fin", "datefin", "fechafin", "bitis"],
    ),
    (
        "start_time",
        &[
            "time",
            "starttime",
            "appointmenttime",
            "zeit",
            "uhrzeit",
            "startzeit",
            "heure",
            "heuredebut",
            "hora",
            "horainicio",
            "saat",
            "randevusaati",
            "baslangicsaati",
        ],
    ),
];
const DATES: [&str; 13] = [
    "date",
    "day",
    "appointmentdate",
    "startdate",
    "datum",
    "tag",
    "termindatum",
    "startdatum",
    "jour",
    "fecha",
    "dia",
    "tarih",
    "randevutarihi",
];
const STARTS: [&str; 15] = [
    "start",
    "starts",
    "begin",
    "begins",
    "from",
    "startdatetime",
    "datetime",
    "appointment",
    "beginn",
    "von",
    "termin",
    "debut",
    "inicio",
    "baslangic",
    "randevu",
];
/// What a called-off entry's status says, in the same languages.
const CANCELLED: [&str; 14] = [
    "cancelled",
    "canceled",
    "cancelled by patient",
    "deleted",
    "abgesagt",
    "storniert",
    "annulé",
    "annule",
    "annulée",
    "cancelado",
    "cancelada",
    "anulado",
    "iptal",
    "iptal edildi",
];

/// A mapping to begin with. What no word leads to is left open; a first row without any known word is taken for data, and
/// then every column is open.
pub fn suggest(text: &str) -> Mapping {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut rows = records(text, Delimiter::Sniffed);
    let Some(first) = rows.next() else { return Mapping::default() };
    let names = strings(&first);
    let sample: Vec<StringRecord> = rows.take(SAMPLE).map(|row| strings(&row)).collect();
    let mut header =
        Header { names: &names, folded: names.iter().map(folded).collect(), taken: vec![false; names.len()] };
    let mut mapping = Mapping { cancelled: CANCELLED.map(str::to_owned).to_vec(), ..Mapping::default() };
    for (kind, words) in WORDS {
        if let (Some(at), Some(column)) = (header.take(words), mapping.columns.get_mut(kind)) {
            *column = names[at].trim().to_owned();
        }
    }
    spanish_or_turkish(&mut mapping.columns, &names, &sample);
    times(&mut mapping.columns, &mut header, &sample);
    mapping.header = header.taken.contains(&true);
    let dates =
        names.iter().enumerate().filter(|(_, name)| !name.trim().is_empty() && name.trim() == mapping.columns.start);
    mapping.order = dates.map(|(at, _)| order(at, &sample)).next().unwrap_or_default();
    if [&mapping.columns.end, &mapping.columns.end_time, &mapping.columns.duration]
        .iter()
        .all(|column| column.is_empty())
    {
        mapping.minutes = Some(30);
    }
    mapping
}

/// `Hasta` is the patient in Turkish and the end in Spanish.
fn spanish_or_turkish(columns: &mut Columns<String>, names: &StringRecord, sample: &[StringRecord]) {
    let at = names.iter().position(|name| folded(name) == "hasta" && name.trim() == columns.name);
    let time = |text: &str| value::time(text).is_some() || value::date_time(text, DateOrder::default()).is_some();
    if at.and_then(|at| value_of(sample, at)).is_some_and(time) && columns.end.is_empty() {
        columns.end = std::mem::take(&mut columns.name);
    }
}

struct Header<'a> {
    names: &'a StringRecord,
    folded: Vec<String>,
    taken: Vec<bool>,
}

impl Header<'_> {
    /// The first column that has one of these names and is not taken: earlier words are better.
    fn take(&mut self, words: &[&str]) -> Option<usize> {
        let at = words
            .iter()
            .find_map(|word| self.folded.iter().zip(&self.taken).position(|(name, taken)| name == word && !taken))?;
        self.taken[at] = true;
        Some(at)
    }
}

/// `Date` and `Time`, `Date` and `Start`, or `Start` with both in it: the values tell.
fn times(columns: &mut Columns<String>, header: &mut Header<'_>, sample: &[StringRecord]) {
    let (date, start) = (header.take(&DATES), header.take(&STARTS));
    let is_time = |at: usize| value_of(sample, at).is_some_and(|text| value::time(text).is_some());
    let has_both = |at: usize| value_of(sample, at).is_some_and(|text| text.trim().contains([' ', 'T']));
    let name = |at: usize| header.names[at].trim().to_owned();
    match (date, start) {
        (Some(date), Some(start)) if is_time(start) => {
            columns.start = name(date);
            columns.start_time = name(start);
        }
        // Both in one column: a date next to it says nothing more.
        (_, Some(start)) => columns.start = name(start),
        (Some(date), None) => columns.start = name(date),
        (None, None) => return,
    }
    let at = header.names.iter().position(|name| name.trim() == columns.start);
    if at.is_some_and(has_both) && !columns.start_time.is_empty() {
        columns.start_time.clear();
    }
}

fn value_of(sample: &[StringRecord], at: usize) -> Option<&str> {
    sample.iter().filter_map(|row| row.get(at)).find(|text| !text.trim().is_empty())
}

/// A number above 12 tells; where none is, the day comes first, as nearly everywhere.
fn order(at: usize, sample: &[StringRecord]) -> DateOrder {
    let fits = |order| {
        let mut dates = sample.iter().filter_map(|row| row.get(at)).filter(|text| !text.trim().is_empty());
        dates.all(|text| {
            let text = text.trim();
            value::date(text.split_once([' ', 'T']).map_or(text, |(date, _)| date.trim_end_matches(',')), order)
                .is_some()
        })
    };
    if !fits(DateOrder::DayMonthYear) && fits(DateOrder::MonthDayYear) {
        DateOrder::MonthDayYear
    } else {
        DateOrder::DayMonthYear
    }
}

/// Letters and digits without their marks, small.
fn folded(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .flat_map(|c| match c {
            'ä' => ['a', 'e'],
            'ö' => ['o', 'e'],
            'ü' => ['u', 'e'],
            'ß' => ['s', 's'],
            'à' | 'á' | 'â' => ['a', ' '],
            'ç' => ['c', ' '],
            'é' | 'è' | 'ê' | 'ë' => ['e', ' '],
            'ğ' => ['g', ' '],
            'ı' | 'í' | 'î' | 'ï' => ['i', ' '],
            'ñ' => ['n', ' '],
            'ó' | 'ô' => ['o', ' '],
            'ş' => ['s', ' '],
            'ú' | 'û' | 'ù' => ['u', ' '],
            c => [c, ' '],
        })
        .filter(|c| c.is_alphanumeric())
        .collect()
}
