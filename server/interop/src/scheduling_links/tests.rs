use domain::booking::SettingsPatch;
use serde_json::Value;

use super::*;

fn profile() -> ClinicProfile {
    let text = include_str!("../../../portal/demo/riverside.toml");
    crate::clinic_file::parse("riverside.toml", text).expect("the demo's file").clinic
}

fn service() -> ServicePlan {
    ServicePlan {
        slug: "physical".to_owned(),
        name: "Physical \"complete\"".to_owned(),
        about: String::new(),
        speciality: "General practice".to_owned(),
        mode: domain::clinic::Mode::InPerson,
        bring: Vec::new(),
        price: None,
        settings: SettingsPatch::default(),
        eligibility: Eligibility { established: Some(true), min_age: Some(18), ..Default::default() },
        needs: Vec::new(),
        offered_by: Vec::new(),
    }
}

const LOCATION: &str = "0198c0de-0000-7000-8000-000000000001";
const SCHEDULE: &str = "0198c0de-0000-7000-8000-000000000002";

fn all() -> [String; 4] {
    let profile = profile();
    let url = "https://portal.example.com/c/riverside";
    let place = Place { id: LOCATION, profile: &profile, url, system: "https://portal.example.com/c" };
    let offered = Offered {
        id: SCHEDULE,
        location: LOCATION,
        service: &service(),
        system: "https://portal.example.com/c/riverside/book",
    };
    let free = Free {
        id: "0198c0de-0000-7000-8000-000000000002.20261124T0830Z",
        schedule: SCHEDULE,
        start: "2026-11-24T09:30:00+01:00",
        end: "2026-11-24T10:00:00+01:00",
        link: "https://portal.example.com/c/riverside/book/times?service=physical&day=2026-11-24&start=2026-11-24T08%3A30%3A00Z",
        phone: "+49 30 23125 100",
        capacity: 2,
    };
    let output = |kind, name: &str, states: &[&str]| Output {
        kind,
        url: format!("https://portal.example.com/api/v1/smart-scheduling/{name}.ndjson"),
        states: states.iter().map(|state| (*state).to_owned()).collect(),
    };
    let outputs = [
        output("Location", "locations", &[]),
        output("Schedule", "schedules", &[]),
        output("Slot", "clinics/riverside/slots", &["BE"]),
    ];
    let request = "https://portal.example.com/api/v1/smart-scheduling/$bulk-publish";
    [location(&place), schedule(&offered), slot(&free), manifest(request, "2026-11-23T06:00:00Z", &outputs)]
}

#[test]
fn each_line_is_the_golden_file() {
    let golden = [
        include_str!("location.json"),
        include_str!("schedule.json"),
        include_str!("slot.json"),
        include_str!("manifest.json"),
    ];
    for (made, golden) in all().iter().zip(golden) {
        assert_eq!(made.trim_end(), golden.trim_end());
    }
}

#[test]
fn a_line_is_one_line_and_json_whatever_the_texts_say() {
    let mut profile = profile();
    profile.name = "A \"quoted\"\nname\u{2028}\\".to_owned();
    profile.directions = String::new();
    profile.address.region = String::new();
    profile.address.latitude = None;
    let place = Place { id: LOCATION, profile: &profile, url: "u", system: "s" };
    let made = location(&place);
    assert_eq!(made.matches('\n').count(), 1, "{made}");
    let read: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(read["name"], profile.name);
    for absent in ["description", "position"] {
        assert_eq!(read.get(absent), None);
    }
    assert_eq!(read["address"].get("state"), None);
    let mut plain = service();
    plain.eligibility = Eligibility::default();
    plain.speciality = String::new();
    let made = schedule(&Offered { id: SCHEDULE, location: LOCATION, service: &plain, system: "s" });
    let read: Value = serde_json::from_str(&made).expect("JSON");
    assert!(read.get("comment").is_none() && read.get("specialty").is_none(), "{made}");
}

#[test]
fn a_manifest_without_files_is_one() {
    let read: Value = serde_json::from_str(&manifest("r", "t", &[])).expect("JSON");
    assert_eq!(read, serde_json::json!({ "transactionTime": "t", "request": "r", "output": [], "error": [] }));
}
