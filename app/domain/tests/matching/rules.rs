//! Who is linked, who is looked at, who is left alone.

use domain::matching::{Field, Level, Particulars, Score, Verdict, keys, score};
use jiff::civil::{Date, date};

const BORN: Date = date(1984, 3, 5);
const PHONE: &str = "+999 301 555010";
const MAIL: &str = "holmberg@example.com";

fn born(given: &str, family: &str, on: Date) -> Particulars {
    Particulars::new(given, family, Some(on))
}

/// With the phone, mail and address a family shares.
fn at_home(person: Particulars) -> Particulars {
    person.with_phone(PHONE).with_email(MAIL).with_address("Birkenweg 7", "90012", "Musterstadt")
}

/// Scores the two, which must be candidates of each other as well when they are more than strangers.
fn judge(a: &Particulars, b: &Particulars) -> Score {
    let score = score(a, b);
    let theirs = keys(b);
    assert!(score.verdict == Verdict::None || keys(a).iter().any(|key| theirs.contains(key)), "no shared key");
    score
}

fn verdict(a: &Particulars, b: &Particulars) -> Verdict {
    judge(a, b).verdict
}

#[test]
fn the_same_name_birth_date_and_phone_are_one_person() {
    let chart = born("Anna", "Holmberg", BORN).with_phone(PHONE).with_email("old@example.com");
    let sign_up = born("ANNA", "Holmberg ", BORN).with_phone("0301 555010").with_email("new@example.com");
    let score = judge(&chart, &sign_up);
    assert_eq!(score.verdict, Verdict::Strong);
    assert_eq!(score.level(Field::Email), Level::Disagree);
    assert_eq!(score.evidence.iter().map(|e| e.weight).sum::<f64>(), score.weight);
}

#[test]
fn each_contact_is_enough_beside_name_and_birth_date() {
    let chart = at_home(born("Anna", "Holmberg", BORN));
    let sign_up = || born("Anna", "Holmberg", BORN);
    assert_eq!(verdict(&chart, &sign_up().with_phone(PHONE)), Verdict::Strong);
    assert_eq!(verdict(&chart, &sign_up().with_email("Holmberg@Example.com")), Verdict::Strong);
    assert_eq!(verdict(&chart, &sign_up().with_address("Birkenweg 7", "90012", "")), Verdict::Strong);
    assert_eq!(verdict(&chart, &sign_up().with_address("Birkenweg 9", "90012", "")), Verdict::Uncertain);
}

#[test]
fn the_same_name_and_birth_date_alone_are_looked_at() {
    let chart = at_home(born("Anna", "Holmberg", BORN));
    assert_eq!(verdict(&chart, &born("Anna", "Holmberg", BORN)), Verdict::Uncertain);
    let elsewhere = born("Anna", "Holmberg", BORN)
        .with_phone("+999 777 555099")
        .with_email("anna@example.com")
        .with_address("Mill Road 3", "91555", "Exampleton");
    assert_eq!(verdict(&chart, &elsewhere), Verdict::Uncertain);
}

#[test]
fn twins_are_never_linked() {
    for (one, other) in [
        ("Anna", "Hanna"),
        ("Jan", "Jana"),
        ("Maria", "Marie"),
        ("Christian", "Christina"),
        ("Daniel", "Daniela"),
        ("Mohammed", "Ahmed"),
        ("محمد", "أحمد"),
        ("محمد", "Mahmoud"),
        ("Hasan", "Husayn"),
        ("Xiaoyu", "Xiaoyue"),
        ("Jingyi", "Yingyi"),
        ("小梅", "小妹"),
        ("Thúy", "Thủy"),
        ("Mei", "Mai"),
        ("Anna Maria", "Anna Sophie"),
        ("Anna", "Anna Sophie"),
        ("Anna M.", "Anna Marie"),
        ("Tim", "Tom"),
        ("A", "Anna"),
        ("Paul", ""),
        ("Ольга", "Олег"),
        ("Min-ji", "Ji-min"),
        ("Min Ji", "Ji Min"),
        ("Minji", "Jimin"),
    ] {
        let (a, b) = (at_home(born(one, "Holmberg", BORN)), at_home(born(other, "Holmberg", BORN)));
        assert_ne!(verdict(&a, &b), Verdict::Strong, "{one} and {other}");
    }
}

#[test]
fn twins_whose_names_run_into_their_family_name_are_never_linked() {
    for (one, other, family) in [
        ("Anna", "Hanna", "Grünbach"),
        ("Limei", "Meili", "Li"),
        ("Li Mei", "Mei Li", "Li"),
        ("丽梅", "梅丽", "李"),
        ("Jan", "Ja", "Nowak"),
        ("Sara", "Ara", "Weiss"),
    ] {
        for family_of_other in [family, "Gruenbach"] {
            let (a, b) = (at_home(born(one, family, BORN)), at_home(born(other, family_of_other, BORN)));
            assert_ne!(verdict(&a, &b), Verdict::Strong, "{one} and {other} {family}");
            let turned = at_home(born(family_of_other, other, BORN));
            assert_ne!(verdict(&a, &turned), Verdict::Strong, "{one} and {other} {family}");
        }
    }
}

#[test]
fn a_number_copied_from_the_twins_card_does_not_link() {
    let a = at_home(born("Peter", "Holmberg", BORN)).with_number("P-00123");
    let b = at_home(born("Ursula", "Holmberg", BORN)).with_number("P-00123");
    assert_eq!(verdict(&a, &b), Verdict::Uncertain);
}

#[test]
fn father_and_son_of_one_name_are_never_linked() {
    let father = at_home(born("Thomas", "Holmberg", date(1960, 5, 3))).with_number("123456");
    for son in [date(1990, 5, 3), date(1960, 3, 5), date(1961, 5, 3), date(1990, 10, 21)] {
        for given in ["Thomas", "Thomas Jr."] {
            let son = at_home(born(given, "Holmberg", son));
            assert_ne!(verdict(&father, &son), Verdict::Strong);
            assert_ne!(verdict(&father, &son.with_number("123456")), Verdict::Strong);
        }
    }
}

#[test]
fn a_family_sharing_everything_but_name_and_birth_date_is_left_alone() {
    let mother = at_home(born("Anna", "Holmberg", BORN));
    assert_eq!(verdict(&mother, &at_home(born("Peter", "Holmberg", date(1982, 11, 30)))), Verdict::None);
    assert_eq!(verdict(&mother, &at_home(born("Ida", "Zabel", date(2012, 7, 14)))), Verdict::None);
    // One mail for all, and born on one day, which is chance.
    let guest = born("Peter", "Zabel", BORN).with_email(MAIL);
    assert_eq!(verdict(&mother, &guest), Verdict::None);
}

#[test]
fn a_new_family_name_is_looked_at_unless_phone_and_mail_agree() {
    let chart = at_home(born("Anna", "Holmberg", BORN));
    let married = || born("Anna", "Zabel", BORN);
    assert_eq!(verdict(&chart, &married().with_phone(PHONE)), Verdict::Uncertain);
    assert_eq!(verdict(&chart, &married().with_email(MAIL)), Verdict::Uncertain);
    let with_address = married().with_phone(PHONE).with_address("Birkenweg 7", "90012", "Musterstadt");
    assert_eq!(verdict(&chart, &with_address), Verdict::Uncertain, "a home many live in");
    assert_eq!(verdict(&chart, &married().with_phone(PHONE).with_email(MAIL)), Verdict::Strong);
    assert_eq!(verdict(&chart, &born("Anna", "Holmberg-Zabel", BORN).with_phone(PHONE)), Verdict::Strong);
    assert_eq!(verdict(&chart, &married()), Verdict::None);
}

#[test]
fn the_clinics_number_and_the_birth_date_are_enough() {
    let chart = born("Anna", "Holmberg", BORN).with_number("P-00123");
    assert_eq!(verdict(&chart, &born("Anna", "Zabel", BORN).with_number("p00123")), Verdict::Strong);
    assert_eq!(verdict(&chart, &born("Ana", "", BORN).with_number("P 00123")), Verdict::Strong);
    let other_day = born("Anna", "Holmberg", date(1990, 12, 24)).with_number("P-00123");
    assert_eq!(verdict(&chart, &other_day), Verdict::Uncertain);
}

#[test]
fn another_number_in_one_clinic_is_another_person_until_somebody_looked() {
    let chart = at_home(born("Anna", "Holmberg", BORN)).with_number("P-00123");
    let sign_up = at_home(born("Anna", "Holmberg", BORN)).with_number("P-99871");
    assert_eq!(verdict(&chart, &sign_up), Verdict::Uncertain);
}

#[test]
fn a_slip_in_the_birth_date_is_looked_at_and_never_linked() {
    let chart = at_home(born("Anna", "Holmberg", BORN));
    for slipped in [date(1984, 5, 3), date(1984, 3, 6), date(1948, 3, 5)] {
        assert_eq!(verdict(&chart, &at_home(born("Anna", "Holmberg", slipped))), Verdict::Uncertain);
        assert_eq!(verdict(&chart, &born("Anna", "Holmberg", slipped)), Verdict::Uncertain);
    }
}

#[test]
fn somebody_born_on_a_leap_day_is_found_beside_it_too() {
    let chart = at_home(born("Anna", "Holmberg", date(2008, 2, 29)));
    assert_eq!(verdict(&chart, &at_home(born("Anna", "Holmberg", date(2008, 2, 29)))), Verdict::Strong);
    for beside in [date(2008, 2, 28), date(2008, 3, 1)] {
        assert_eq!(verdict(&chart, &at_home(born("Anna", "Holmberg", beside))), Verdict::Uncertain);
    }
}

#[test]
fn a_date_that_stands_for_an_unknown_one_needs_two_contacts() {
    let unknown = date(1984, 1, 1);
    let chart = at_home(born("Ahmed", "Haddad", unknown));
    let sign_up = born("Ahmed", "Haddad", unknown).with_phone(PHONE);
    assert_eq!(verdict(&chart, &sign_up), Verdict::Uncertain);
    assert_eq!(verdict(&chart, &sign_up.with_email(MAIL)), Verdict::Strong);
}

#[test]
fn a_single_name_is_a_name() {
    let chart = born("Suharti", "", BORN).with_phone(PHONE);
    assert_eq!(verdict(&chart, &born("", "suharti", BORN).with_phone(PHONE)), Verdict::Strong);
    assert_eq!(verdict(&chart, &born("Suharti", "LNU", BORN).with_phone(PHONE)), Verdict::Strong);
    assert_eq!(verdict(&chart, &born("Suharti", "Wijaya", BORN).with_phone(PHONE)), Verdict::Uncertain);
    assert_eq!(verdict(&chart, &born("Sukarti", "", BORN).with_phone(PHONE)), Verdict::Uncertain);
}

#[test]
fn twins_whose_given_names_nobody_wrote_down_are_never_linked() {
    for given in ["", "FNU", "Unknown"] {
        let twin = || at_home(born(given, "Holmberg", BORN));
        assert_eq!(verdict(&twin(), &twin()), Verdict::Uncertain, "{given}");
    }
}

#[test]
fn without_a_birth_date_nobody_is_linked() {
    let chart = at_home(Particulars::new("Anna", "Holmberg", None));
    assert_eq!(verdict(&chart, &at_home(born("Anna", "Holmberg", BORN))), Verdict::Uncertain);
    assert_eq!(verdict(&Particulars::default(), &Particulars::default()), Verdict::None);
}

#[test]
fn namesakes_born_on_other_days_are_left_alone() {
    let chart = at_home(born("Thomas", "Holmberg", BORN));
    let namesake = born("Thomas", "Holmberg", date(1971, 9, 22)).with_address("Mill Road 3", "90012", "Musterstadt");
    assert_eq!(verdict(&chart, &namesake), Verdict::None);
}
