//! One name as different people, forms and scripts write it.

use domain::matching::{Field, Level, Particulars, Score, Verdict, score};
use jiff::civil::date;

fn named((given, family): (&str, &str)) -> Particulars {
    Particulars::new(given, family, Some(date(1984, 3, 5))).with_phone("+999 301 555010")
}

fn compare(a: (&str, &str), b: (&str, &str)) -> Score {
    score(&named(a), &named(b))
}

#[test]
fn spellings_of_one_name_are_linked() {
    for (a, b) in [
        (("Zofia", "Łuczak"), ("zofia", "LUCZAK")),
        (("Jürgen", "Müller"), ("Juergen", "Mueller")),
        (("Jürgen", "Müller"), ("Jurgen", "Muller")),
        (("Jürgen", "Mueller"), ("Jürgen", "Muller")),
        (("Sean", "O’Connor"), ("Seán", "OConnor")),
        (("Sean", "O'Connor"), ("Sean", "O Connor")),
        (("Anne-Marie", "Holm"), ("Anne Marie", "Holm")),
        (("Annemarie", "Holm"), ("Anne-Marie", "Holm")),
        (("Dr. Anna", "Holm"), ("Anna", "Holm")),
        (("An", "Nguyễn Văn"), ("Văn An", "Nguyễn")),
        (("Nguyễn Văn An", ""), ("An", "Nguyen Van")),
        (("小龙", "李"), ("Xiao Long", "Li")),
        (("", "李小龙"), ("Xiaolong", "Li")),
        (("Алексей", "Щукин"), ("Alexey", "Shchukin")),
        (("Алексей", "Щукин"), ("Aleksei", "Shchukin")),
        (("Сергей", "Ковальский"), ("Sergej", "Kowalski")),
        (("Фёдор", "Орлов"), ("Федор", "Орлов")),
        (("Άννα", "Παπαδόπουλος"), ("Anna", "Papadopoulos")),
        (("Ανίτα", "ΠΑΠΑΔΟΠΟΥΛΟΣ"), ("ΑΝΙΤΑ", "Παπαδόπουλος")),
        (("أحمد", "حداد"), ("احمد", "حداد")),
        (("İpek", "Yılmaz"), ("Ipek", "YILMAZ")),
        (("Weiß", "Thomas"), ("Thomas", "WEISS")),
        (("अनिल", "वर्मा"), ("Anil", "Varma")),
        (("さくら", "たなか"), ("サクラ", "Tanaka")),
    ] {
        let score = compare(a, b);
        assert_eq!(score.verdict, Verdict::Strong, "{a:?} {b:?} {score:?}");
    }
}

#[test]
fn names_that_are_only_alike_are_looked_at() {
    for (a, b) in [
        (("Bob", "Holmberg"), ("Robert", "Holmberg")),
        (("Amna", "Holmberg"), ("Anna", "Holmberg")),
        (("Anna Maria", "Holmberg"), ("Anna", "Holmberg")),
        (("محمد", "حداد"), ("Mohammed", "Haddad")),
        (("שרה", "כהן"), ("Sarah", "Cohen")),
        (("Юлия", "Щукина"), ("Julia", "Schtschukina")),
        (("민수", "김"), ("Minsu", "Kim")),
        (("Holmbreg", "Anna"), ("Anna", "Holmberg")),
        (("An", "Nguyễn"), ("An", "Nguyễn Văn")),
        (("Văn An", "Nguyễn"), ("An Van", "Nguyen")),
        (("דוד", "לוי"), ("David", "Lewi")),
    ] {
        let score = compare(a, b);
        assert!(score.verdict >= Verdict::Uncertain, "{a:?} {b:?} {score:?}");
    }
}

#[test]
fn other_names_disagree() {
    for (a, b) in [("Peter", "Ursula"), ("Kim", "Tim"), ("An", "Bo"), ("Li", "Wu"), ("محمد", "علي")] {
        let score = compare((a, "Holmberg"), (b, "Holmberg"));
        assert_eq!(score.level(Field::Given), Level::Disagree, "{a} {b}");
    }
}
