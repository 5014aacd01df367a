//! Invented people. Any likeness is chance; addresses are at example.com.

use jiff::civil::{Date, date};

/// Somebody who does not exist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Invented {
    pub given: &'static str,
    pub family: &'static str,
    born: (i16, i8, i8),
    /// Before the `@`.
    mail: &'static str,
    pub relation: &'static str,
    /// Clinics with a visit ahead; only for the family one signs in as.
    pub at: &'static [&'static str],
}

impl Invented {
    pub fn email(&self) -> String {
        format!("{}@example.com", self.mail)
    }

    pub fn birth_date(&self) -> Date {
        let (year, month, day) = self.born;
        date(year, month, day)
    }
}

const fn person(given: &'static str, family: &'static str, born: (i16, i8, i8), mail: &'static str) -> Invented {
    Invented { given, family, born, mail, relation: "self", at: &[] }
}

/// They share one address, as families do.
pub(super) const FAMILY: [Invented; 2] = [
    Invented { at: &["riverside", "harbour"], ..person("Amira", "Kaya", (1988, 4, 17), "amira") },
    Invented { relation: "child", at: &["riverside"], ..person("Leo", "Kaya", (2017, 9, 2), "amira") },
];

/// They wait for a time.
pub(super) const WAITING: [Invented; 4] = [
    person("Dagny", "Hjort", (1958, 2, 11), "waiting001"),
    person("Luis", "Ferrer", (1983, 7, 30), "waiting002"),
    person("Wanda", "Kowal", (1971, 12, 5), "waiting003"),
    person("Osman", "Yıldız", (1990, 5, 23), "waiting004"),
];

pub(super) const PEOPLE: [Invented; 100] = [
    person("Amina", "Okafor", (1966, 7, 16), "patient001"),
    person("Noah", "Lindqvist", (1939, 7, 18), "patient002"),
    person("Yusuf", "Demir", (1974, 9, 12), "patient003"),
    person("Hana", "Sato", (1971, 4, 1), "patient004"),
    person("李", "娜", (1955, 3, 10), "patient005"),
    person("Олена", "Коваль", (2000, 2, 28), "patient006"),
    person("Γιώργος", "Νικολάου", (1981, 9, 8), "patient007"),
    person("محمد", "الحسن", (1975, 2, 27), "patient008"),
    person("שרה", "לוי", (1979, 10, 23), "patient009"),
    person("Priya", "Raman", (1992, 7, 20), "patient010"),
    person("Łukasz", "Wójcik", (1944, 4, 10), "patient011"),
    person("Zoë", "van den Berg", (1943, 8, 21), "patient012"),
    person("Mateo", "García Ruiz", (1994, 8, 23), "patient013"),
    person("Thị", "Hương Nguyễn", (1945, 2, 14), "patient014"),
    person("Ingrid", "Sørensen", (2000, 5, 6), "patient015"),
    person("Kwame", "Mensah", (2007, 6, 21), "patient016"),
    person("Siobhán", "O’Donnell", (1952, 1, 23), "patient017"),
    person("Jürgen", "Müller-Lüdenscheidt", (1997, 4, 4), "patient018"),
    person("Fatima", "Zahra Benali", (1971, 1, 2), "patient019"),
    person("Björk", "Jónsdóttir", (2004, 12, 22), "patient020"),
    person("Tomás", "Ó Briain", (1961, 6, 5), "patient021"),
    person("Aiko", "Tanaka", (1986, 11, 27), "patient022"),
    person("Chidi", "Eze", (1937, 8, 10), "patient023"),
    person("Elif", "Yıldız", (1984, 3, 11), "patient024"),
    person("Marta", "Kowalska", (1953, 8, 6), "patient025"),
    person("Ravi", "Shankar Iyer", (1978, 2, 15), "patient026"),
    person("Leila", "Farahani", (1941, 1, 2), "patient027"),
    person("Pavel", "Novák", (1970, 11, 5), "patient028"),
    person("Sofia", "Rossi", (1962, 10, 8), "patient029"),
    person("Ana", "Clara Souza", (1967, 5, 25), "patient030"),
    person("박", "지훈", (2001, 4, 8), "patient031"),
    person("สมชาย", "ใจดี", (1949, 4, 14), "patient032"),
    person("Dmitri", "Volkov", (1975, 4, 16), "patient033"),
    person("Amelie", "Fischer", (1962, 5, 8), "patient034"),
    person("Oluwaseun", "Adeyemi", (1973, 5, 5), "patient035"),
    person("Nadia", "Haddad", (1980, 2, 19), "patient036"),
    person("Kai", "Nakamura", (2001, 12, 2), "patient037"),
    person("Freya", "Nilsen", (1984, 4, 28), "patient038"),
    person("Hugo", "Lefèvre", (1970, 11, 16), "patient039"),
    person("Isla", "MacLeod", (2001, 9, 7), "patient040"),
    person("Omar", "Farouk", (2003, 7, 16), "patient041"),
    person("Mei", "Ling Chan", (2000, 4, 2), "patient042"),
    person("Viktor", "Petrov", (1999, 11, 28), "patient043"),
    person("Carmen", "Jiménez", (2004, 8, 19), "patient044"),
    person("Jonas", "Brandt", (2007, 4, 26), "patient045"),
    person("Aaliyah", "Brooks", (1935, 10, 9), "patient046"),
    person("Diego", "Morales", (1938, 9, 2), "patient047"),
    person("Saskia", "de Wit", (2002, 6, 27), "patient048"),
    person("Tariq", "Aziz", (1990, 1, 3), "patient049"),
    person("Ewa", "Zielińska", (1936, 8, 18), "patient050"),
    person("Finn", "Keller", (1943, 6, 3), "patient051"),
    person("Rosa", "Marchetti", (1993, 6, 27), "patient052"),
    person("Anh", "Trần", (1965, 7, 7), "patient053"),
    person("Ibrahim", "Diop", (1960, 8, 28), "patient054"),
    person("Karin", "Holm", (1947, 10, 26), "patient055"),
    person("Lena", "Vogel", (1992, 12, 25), "patient056"),
    person("Bao", "Pham", (1949, 11, 10), "patient057"),
    person("Nils", "Eriksen", (1967, 3, 12), "patient058"),
    person("Chiara", "Conti", (1940, 6, 16), "patient059"),
    person("Sami", "Virtanen", (1945, 12, 6), "patient060"),
    person("Zara", "Malik", (1935, 9, 4), "patient061"),
    person("Peter", "Horváth", (2005, 9, 3), "patient062"),
    person("Ruth", "Abebe", (1975, 6, 8), "patient063"),
    person("Mila", "Jovanović", (1959, 11, 2), "patient064"),
    person("Andrei", "Popescu", (1980, 10, 10), "patient065"),
    person("Greta", "Lang", (1999, 8, 13), "patient066"),
    person("Hassan", "Noor", (1976, 11, 11), "patient067"),
    person("Inês", "Carvalho", (1965, 3, 22), "patient068"),
    person("Jakub", "Dvořák", (1999, 6, 7), "patient069"),
    person("Kenji", "Mori", (2003, 2, 3), "patient070"),
    person("Lucía", "Herrera", (2001, 11, 12), "patient071"),
    person("Maja", "Nowak", (1945, 10, 1), "patient072"),
    person("Nora", "Bakke", (1951, 3, 6), "patient073"),
    person("Oskar", "Lund", (2002, 2, 25), "patient074"),
    person("Paula", "Schmitt", (1971, 11, 24), "patient075"),
    person("Quentin", "Moreau", (1999, 12, 13), "patient076"),
    person("Rania", "Saleh", (1991, 4, 10), "patient077"),
    person("Stefan", "Weiss", (1974, 9, 21), "patient078"),
    person("Tove", "Berg", (1985, 7, 27), "patient079"),
    person("Uma", "Patel", (1978, 10, 1), "patient080"),
    person("Vera", "Orlova", (1971, 12, 18), "patient081"),
    person("Wen", "Zhao", (1983, 10, 1), "patient082"),
    person("Xenia", "Pappas", (1992, 11, 12), "patient083"),
    person("Yara", "Costa", (1979, 8, 8), "patient084"),
    person("Zoltán", "Kiss", (1955, 3, 8), "patient085"),
    person("Adaeze", "Nwosu", (1937, 3, 13), "patient086"),
    person("Bruno", "Silva", (2003, 9, 23), "patient087"),
    person("Clara", "Ibsen", (1961, 4, 6), "patient088"),
    person("Derya", "Aksoy", (1959, 6, 3), "patient089"),
    person("Emil", "Kaya", (1963, 5, 20), "patient090"),
    person("Farid", "Rahimi", (1971, 3, 21), "patient091"),
    person("Gita", "Menon", (2005, 2, 18), "patient092"),
    person("Hilde", "Straub", (1960, 9, 5), "patient093"),
    person("Ivo", "Marin", (1951, 5, 16), "patient094"),
    person("Joana", "Reis", (1951, 3, 28), "patient095"),
    person("Kofi", "Boateng", (1985, 11, 10), "patient096"),
    person("Liv", "Dahl", (1981, 1, 14), "patient097"),
    person("Marek", "Król", (1935, 5, 26), "patient098"),
    person("Nour", "Khalil", (1939, 10, 27), "patient099"),
    person("Orla", "Byrne", (1974, 1, 16), "patient100"),
];
