//! Examples for the description: what a field looks like, said once by its name for all that have it, so that one visit runs
//! through all of them. A field's own example counts first.

use serde_json::{Value, json};
use utoipa::openapi::{
    OpenApi, RefOr,
    schema::{ArrayItems, Object, Schema},
};

/// Fills in what is missing.
pub(super) struct Examples;

impl utoipa::Modify for Examples {
    fn modify(&self, openapi: &mut OpenApi) {
        let Some(components) = &mut openapi.components else { return };
        for (name, schema) in &mut components.schemas {
            fill(name.trim_start_matches("List_"), schema);
        }
    }
}

fn fill(of: &str, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) if object.example.is_none() => fields(of, object),
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                fill(of, items);
            }
        }
        _ => {}
    }
}

fn fields(of: &str, object: &mut Object) {
    for (name, field) in &mut object.properties {
        fill(of, field);
        let RefOr::T(field) = field else { continue };
        let (example, has_own) = match field {
            Schema::Object(one) => (&mut one.example, !one.examples.is_empty() || !one.properties.is_empty()),
            // What is described elsewhere has its examples there.
            Schema::Array(one) => {
                let plain = matches!(&one.items, ArrayItems::RefOrSchema(items)
                    if matches!(&**items, RefOr::T(Schema::Object(item)) if item.properties.is_empty()));
                (&mut one.example, !plain || !one.examples.is_empty())
            }
            _ => continue,
        };
        if example.is_none() && !has_own {
            *example = example_of(of, name);
        }
    }
}

fn example_of(of: &str, name: &str) -> Option<Value> {
    Some(match (of, name) {
        ("MatchCaseModel", "kind") => json!("duplicate"),
        ("ResourceHoursModel", "kind") => json!("practitioner"),
        ("ClinicModel", "kind") => json!("Family practice"),
        ("ClinicModel", "name") => json!("Riverside Family Practice"),
        ("ResourceHoursModel" | "PractitionerModel", "name") => json!("Dr Jonas Weber"),
        ("ServiceModel", "name") => json!("Follow-up visit"),
        ("PasskeyModel", "name") => json!("My phone"),
        ("ClinicModel" | "ServiceModel" | "PractitionerModel", "about") => json!("Care for the whole family."),
        ("GrantRequestModel", "words") => json!("I care for my mother."),
        ("GrantRequestModel", "asked") => json!(["book", "results"]),
        ("ChangeRequestModel", "clinic") => json!({ "family": "Example" }),
        ("ChangeRequestModel", "asked") => json!({ "family": "Example-Weber" }),
        ("SectionModel", "clinic" | "patient" | "request") => json!({ "street": "Example Street 1", "city": "Berlin" }),
        ("SectionModel" | "SayRequest", "seen") => json!("3"),
        ("WaitlistEntryModel", "place") => json!(2),
        ("HoursModel" | "CalendarModel" | "WaitlistEntryModel", "version") => json!(3),
        ("ItemModel", "state") => json!("open"),
        ("Problem", "status") => json!(409),
        ("Problem", "title") => json!("This time is taken. Choose another time."),
        ("RefusedModel", "code") => json!("taken"),
        ("QuestionModel", "answer") => json!(true),
        ("PeriodModel", "from") => json!("2026-09-01"),
        ("PeriodModel", "until") => json!("2026-12-31"),
        ("ExceptionModel", "hours") => json!(["09:00-12:00"]),
        ("ChangedVisitModel", "changed") => json!("2026-11-22T16:05:00Z"),
        ("OutgoingModel" | "ChangedVisitModel", "practitioner") => json!("weber"),
        ("ServiceModel", "practitioners") => json!(["weber"]),
        ("AppointmentModel" | "DeskVisitModel", "reason") => json!("Cough"),
        (_, "id" | "appointment") => json!("019aa1c4-6a00-7000-8000-000000000010"),
        (_, "patient" | "kept") => json!("019aa1c4-6a00-7000-8000-000000000001"),
        (_, "gone") => json!("019aa1c4-6a00-7000-8000-000000000002"),
        (_, "practitioner" | "resource") => json!("019aa1c4-6a00-7000-8000-000000000020"),
        (_, "room") => json!("019aa1c4-6a00-7000-8000-000000000021"),
        (_, "block") => json!("019aa1c4-6a00-7000-8000-000000000030"),
        (_, "hold") => json!("019aa1c4-6a00-7000-8000-000000000040"),
        (_, "calendar") => json!("019aa1c4-6a00-7000-8000-000000000050"),
        (_, "candidates") => json!(["019aa1c4-6a00-7000-8000-000000000001"]),
        (_, "practitioners") => json!(["019aa1c4-6a00-7000-8000-000000000020"]),
        (_, "booking_referral") => json!("019aa1c4-6a00-7000-8000-000000000060"),
        (_, "request_id") => json!("019aa1c4-6a00-7000-8000-0000000000ff"),
        (_, "start") => json!("2026-11-23T09:30:00+01:00"),
        (_, "end") => json!("2026-11-23T10:00:00+01:00"),
        (_, "when") => json!("Mon 23 Nov, 9:30"),
        (_, "expires_at" | "until" | "offered_until") => json!("2026-11-22T18:00:00Z"),
        (_, "as_of" | "at" | "already_at" | "created_at" | "joined_at" | "made_at" | "opened_at" | "seen_at") => {
            json!("2026-11-22T16:00:00Z")
        }
        (_, "signed_in_at" | "used_at") => json!("2026-11-22T16:00:00Z"),
        (_, "next_at") => json!("2026-11-22T16:15:00Z"),
        (_, "birth_date") => json!("1980-01-31"),
        (_, "name") => json!("Ada Example"),
        (_, "given") => json!("Ada"),
        (_, "family") => json!("Example"),
        (_, "email" | "asker") => json!("ada@example.com"),
        (_, "phone") => json!("+49 30 23125 109"),
        (_, "number") => json!("4711"),
        (_, "sex") => json!("female"),
        (_, "language") => json!("de"),
        (_, "languages") => json!(["de", "en"]),
        (_, "service") => json!("followup"),
        (_, "services") => json!(["followup"]),
        (_, "slug") => json!("weber"),
        (_, "clinic") => json!("riverside"),
        (_, "network") => json!("riverside"),
        (_, "city") => json!("Berlin"),
        (_, "zone") => json!("Europe/Berlin"),
        (_, "mode") => json!("in_person"),
        (_, "speciality") => json!("General practice"),
        (_, "role") => json!("General practitioner"),
        (_, "price") => json!(4200),
        (_, "paid_by") => json!(["public", "private"]),
        (_, "min_age") => json!(18),
        (_, "max_age") => json!(65),
        (_, "minutes" | "median_minutes") => json!(30),
        (_, "notice_book" | "notice_move" | "notice_cancel") => json!(120),
        (_, "free") => json!(7),
        (_, "places") => json!(1),
        (_, "status") => json!("booked"),
        (_, "place") => json!("waiting"),
        (_, "kind") => json!("visit"),
        (_, "version") => json!(1),
        (_, "note") => json!("Staff meeting"),
        (_, "about") => json!("Cough"),
        (_, "reason") => json!("Cough"),
        (_, "reply" | "priority_why") => json!("As the letter says"),
        (_, "rule") => json!("outside_hours"),
        (_, "words" | "sentence") => json!("This time is outside the hours. Choose another time."),
        (_, "mark") => json!("5f2b9c0d7a3e41c8a6b0e9d2"),
        (_, "hash") => json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        (_, "token") => json!("hold-7Jq3nQ0dV8m5"),
        (_, "link") => json!("https://portico.example.com/activate/7Jq3nQ0dV8m5"),
        (_, "device") => json!("Firefox on Linux"),
        (_, "user") => json!("practice"),
        (_, "names") => json!({ "Dr Weber": "weber", "Kitchen": null }),
        (_, "decision") => json!("close"),
        (_, "decisions") => json!(["move", "keep"]),
        (_, "ended") => json!("booked"),
        (_, "section") => json!("name"),
        (_, "purpose") => json!("card-front"),
        (_, "media_type") => json!("image/jpeg"),
        (_, "size") => json!(81_920),
        (_, "weight") => json!(23.5),
        (_, "relation") => json!("parent"),
        (_, "rights" | "allowed") => json!(["book", "results"]),
        (_, "refused") => json!([]),
        (_, "answer") => json!({ "street": "Example Street 1" }),
        (_, "next") => json!("1763886600000-019aa1c46a0070008000000000000010"),
        (_, "mon" | "tue" | "wed" | "thu" | "fri") => json!(["08:00-12:00", "13:00-18:00"]),
        (_, "sat" | "sun") => json!([]),
        (_, "matched" | "entries") => json!(126),
        (
            _,
            "asked" | "only_here" | "only_there" | "problems" | "missing" | "older" | "adopted" | "offers_taken_back",
        ) => {
            json!(0)
        }
        (_, "added" | "changed" | "declined" | "unanswered") => json!(1),
        (_, "waiting" | "offers" | "claimed") => json!(4),
        (_, "filled_minutes") => json!(120),
        (_, "longest_minutes") => json!(20_160),
        (
            _,
            "acceptable" | "always" | "by_calendar" | "by_hand" | "deceased" | "displaced" | "file" | "had_access"
            | "needs_approval" | "needs_referral" | "referral" | "time_alone" | "under_age",
        ) => json!(false),
        (_, "accept" | "active" | "applied" | "connected" | "same" | "this" | "titles") => json!(true),
        _ => return None,
    })
}
