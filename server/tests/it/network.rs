//! One patient in several clinics of one network (booking rule 11: the patient is guarded like a resource, across the
//! clinics of the tenant).

use futures::future::join_all;
use jiff::{Timestamp, ToSpan};
use portal::clinic::{WhenStranded, import};
use testkit::{Answer, Caller, Person, TestApp, clinics, on_both_engines};

use crate::support::{assert_won, count};

on_both_engines![
    one_patient_is_in_one_of_two_clinics_of_a_network,
    two_patients_are_in_two_clinics_at_once,
    one_patient_goes_from_one_clinic_to_the_other,
    a_visit_does_not_move_onto_one_in_the_other_clinic,
];

/// A program of the lab, and one of its branch in another time zone.
async fn both(app: &TestApp) -> [(&'static str, Caller); 2] {
    let mut plan = clinics::plan(clinics::LAB);
    plan.clinic.slug = "branch".to_owned();
    plan.clinic.zone = "Europe/London".to_owned();
    import(&app.cx, &plan, WhenStranded::Stop).await.unwrap();
    [("lab", app.program("lab").await), ("branch", app.program("branch").await)]
}

/// So many minutes after ten in Berlin, which is nine in London.
fn at(minutes: i64) -> String {
    let ten: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
    (ten + minutes.minutes()).to_string()
}

/// Two times in each clinic, held for whoever comes; any two of one round overlap.
async fn held(clinics: &[(&'static str, Caller); 2], round: i64) -> Vec<(Caller, Answer)> {
    let mut holds = Vec::new();
    for (n, (clinic, program)) in clinics.iter().cycle().take(4).enumerate() {
        let start = at(60 * round + 15 * i64::from(n % 2 == 1));
        holds.push((program.clone(), program.hold(clinic, "wide", &start).await.expect(201)));
    }
    holds
}

/// Everybody confirms at once, the n-th for the n-th person.
async fn confirmed(holds: &[(Caller, Answer)], whom: impl Fn(usize) -> Person) -> Vec<Answer> {
    let keys: Vec<_> = holds.iter().map(|(_, hold)| hold.field("id")).collect();
    let people: Vec<_> = (0..holds.len()).map(whom).collect();
    let all = holds.iter().zip(&people).zip(&keys);
    join_all(all.map(|(((program, hold), person), key)| program.confirm(hold, person, key))).await
}

async fn one_patient_is_in_one_of_two_clinics_of_a_network(app: TestApp) {
    let clinics = both(&app).await;
    for round in 0..8 {
        let holds = held(&clinics, round).await;
        // Every second round makes the chart; the next finds it.
        let person = |_| Person::number(usize::try_from(round / 2).unwrap());
        let answers = confirmed(&holds, person).await;
        assert_won(&answers, 1);
        assert!(answers.iter().all(|a| a.status == 201 || a.code() == "patient_busy"), "{answers:#?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 8);
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 4);
}

async fn two_patients_are_in_two_clinics_at_once(app: TestApp) {
    let clinics = both(&app).await;
    for round in 0..4 {
        let answers = confirmed(&held(&clinics, round).await, Person::number).await;
        assert_eq!(count(&answers, 201), 4, "{answers:#?}");
    }
}

async fn one_patient_goes_from_one_clinic_to_the_other(app: TestApp) {
    let [(lab, ours), (branch, theirs)] = both(&app).await;
    let person = Person::number(1);
    ours.book(lab, "wide", &at(0), &person).await;
    // The same time on the wall, an hour later in truth; and from one door straight through the other.
    theirs.book(branch, "wide", "2026-11-24T10:00:00+00:00", &person).await;
    theirs.book(branch, "wide", &at(30), &person).await;
}

async fn a_visit_does_not_move_onto_one_in_the_other_clinic(app: TestApp) {
    let [(lab, ours), (branch, theirs)] = both(&app).await;
    let person = Person::number(1);
    theirs.book(branch, "wide", &at(0), &person).await;
    let visit = ours.book(lab, "wide", &at(120), &person).await.field("id");
    let onto = ours.hold(lab, "wide", &at(15)).await.expect(201);
    ours.reschedule(&visit, &onto).await.expect_problem(409, "patient_busy");
    let beside = ours.hold(lab, "wide", &at(30)).await.expect(201);
    ours.reschedule(&visit, &beside).await.expect(200);
}
