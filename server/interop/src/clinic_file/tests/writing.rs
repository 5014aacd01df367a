//! A plan that is written reads back as it was, and parts that are typed are refused as the file refuses them.

use std::collections::BTreeMap;

use domain::booking::{Hours, SettingsPatch};
use proptest::prelude::*;

use super::super::{said_in_force, said_settings, said_windows, typed, write};
use super::*;

const DEMOS: [&str; 3] = [
    include_str!("../../../../portal/demo/riverside.toml"),
    include_str!("../../../../portal/demo/northgate.toml"),
    include_str!("../../../../portal/demo/harbour.toml"),
];

fn plan(text: &str) -> domain::clinic::ClinicPlan {
    parse("test.toml", text).unwrap_or_else(|all| {
        let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
        panic!("{}\n{text}", lines.join("\n"))
    })
}

#[test]
fn a_file_that_is_written_reads_back_as_the_same_plan() {
    for text in DEMOS.into_iter().chain([SMALL]) {
        let before = plan(text);
        let written = write(&before);
        let mut after = plan(&written);
        // Which of two services somebody names first says nothing.
        assert_eq!(after.clinic, before.clinic, "{written}");
        assert_eq!(after.tenant, before.tenant);
        for (after, before) in after.services.iter_mut().zip(&before.services) {
            assert_eq!(after, before);
        }
        for (after, before) in after.resources.iter().zip(&before.resources) {
            assert_eq!(after, before, "{written}");
        }
        assert_eq!(after, before);
        assert_eq!(write(&after), written);
    }
}

#[test]
fn settings_of_dates_survive_but_a_rooms() {
    let mut before = plan(SMALL);
    let mut exception = before.resources[0].hours.as_ref().unwrap().exceptions[0].clone();
    exception.settings.notice_book = Some(60);
    let hours = Hours { exceptions: vec![exception], ..before.resources[0].hours.clone().unwrap() };
    before.clinic.opening = hours.clone();
    before.resources[0].hours = Some(hours.clone());
    assert_eq!(plan(&write(&before)), before);
    before.resources[1].hours = Some(hours);
    let room = &plan(&write(&before)).resources[1];
    assert_eq!(room.hours.as_ref().unwrap().exceptions[0].settings, SettingsPatch::default());
}

#[test]
fn texts_of_all_kinds_survive() {
    let mut before = plan(SMALL);
    for text in [
        "He said \"no\" \\ and left",
        "two\nlines\n\nand a tab\tin it",
        "'''",
        "\"\"\"",
        "日本 é 🙂",
        "# not a comment",
    ] {
        before.clinic.about = text.to_owned();
        before.services[0].about = text.to_owned();
        assert_eq!(plan(&write(&before)), before, "{text:?}");
    }
}

#[test]
fn what_is_typed_is_read_as_the_file_reads_it() {
    let week = |day: &str, text: &str| typed::week(&BTreeMap::from([(day.to_owned(), text.to_owned())]));
    let read = week("tue", " 8:00-12:00; 13:00-18:00,").unwrap();
    assert_eq!(said_windows(&read.0[1]), "08:00-12:00, 13:00-18:00");
    assert!(week("mon", " ").unwrap().is_empty());
    let wrong = |typed: Result<domain::booking::Week, Vec<Problem>>| typed.unwrap_err()[0].to_string();
    assert!(wrong(week("mon", "8-12")).contains("mon: \"8-12\" is not a window. Allowed: windows such as"));
    assert!(wrong(week("sun", "08:00-12:00, 11:00-13:00")).contains("overlap"));
    assert!(wrong(week("sun", "08:01-12:00")).contains("is not on five minutes"));
    assert_eq!(typed::date("from", "").unwrap(), None);
    assert_eq!(typed::date("from", "2026-12-24").unwrap(), Some(jiff::civil::date(2026, 12, 24)));
    assert!(typed::date("from", "2026-02-30").unwrap_err()[0].wrong.contains("is not a date here"));
    assert_eq!(typed::line("note", " On leave ").unwrap().as_deref(), Some("On leave"));
    assert!(typed::line("note", &"x".repeat(121)).unwrap_err()[0].wrong.contains("too long"));
    assert_eq!(typed::hours("").unwrap(), []);
    assert_eq!(typed::hours("nonsense").unwrap_err()[0].field, "hours");
}

#[test]
fn settings_are_typed_in_the_files_words() {
    let typed = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        typed::booking(&pairs.collect())
    };
    let pairs = [
        ("duration", "45"),
        ("notice_book", "2 h"),
        ("gap", "sum"),
        ("horizon", "8 weeks"),
        ("needs_approval", "true"),
        ("waitlist", "false"),
    ];
    let read = typed(&[&pairs[..], &[("buffer_after", " ")]].concat()).unwrap();
    assert_eq!((read.duration, read.notice_book, read.horizon_days), (Some(45), Some(120), Some(56)));
    assert_eq!((read.buffer_after, read.needs_approval, read.waitlist), (None, Some(true), Some(false)));
    let said = said_settings(&read);
    let again: Vec<(&str, &str)> = said.iter().map(|(key, value)| (*key, value.as_str())).collect();
    assert_eq!(typed(&again).unwrap(), read);
    let wrong = typed(&[("duration", "7 min"), ("max_active", "many")]).unwrap_err();
    let fields: Vec<&str> = wrong.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["duration", "max_active"]);
    assert!(said_in_force(&domain::booking::Settings::default()).contains(&("horizon", "90 days".to_owned())));
}

#[test]
fn a_plan_is_checked_as_its_file_would_be() {
    let mut right = plan(SMALL);
    assert_eq!(typed::check(&right), Ok(()));
    right.services[0].settings.duration = Some(600);
    let wrong = typed::check(&right).unwrap_err();
    assert_eq!(wrong[0].field, "services.followup.booking.duration");
    assert!(wrong[0].wrong.contains("fits in no window"));
}

proptest! {
    /// Nothing that somebody types breaks out of its field.
    #[test]
    fn anything_may_be_typed(text in any::<String>()) {
        for read in [typed::hours(&text).map(drop), typed::date("from", &text).map(drop), typed::line("note", &text).map(drop)] {
            for problem in read.err().into_iter().flatten() {
                prop_assert!(["hours", "from", "note", "file"].contains(&problem.field.as_str()), "{}", problem);
            }
        }
        let typed = super::super::settings::FIELDS.iter().map(|field| ((*field).to_owned(), text.clone()));
        typed::booking(&typed.collect()).ok();
    }
}
