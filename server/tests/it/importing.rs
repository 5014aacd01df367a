//! Importing clinic files again and again, also under booked visits (booking rule 19).

use domain::{booking::Hours, clinic::ResourcePlan};
use portal::clinic::{ImportError, Imported, WhenStranded, import};
use testkit::{Person, TestApp, clinics, on_both_engines};

on_both_engines![
    importing_again_keeps_every_id,
    hours_that_would_strand_a_visit_are_not_imported,
    stranded_visits_are_kept_when_asked,
    whoever_sits_in_the_room_that_goes_is_named,
    stranded_visits_are_cancelled_when_asked,
    a_closed_day_takes_no_bookings_and_opens_again,
    a_service_that_is_gone_is_not_offered_and_comes_back_with_its_id,
    another_tenant_cannot_take_a_clinics_slug,
    a_clinics_zone_cannot_change_under_a_visit,
    a_hold_made_before_the_hours_changed_is_not_confirmed_after,
    a_days_own_settings_count_when_a_visit_is_booked_and_cancelled,
    a_clinics_day_with_settings_of_its_own_is_everybodys,
    a_tenants_settings_reach_its_other_clinics_at_once,
];

const START: &str = "2026-11-24T10:00:00+01:00";

/// Dr Solo is away on the day of START.
fn away() -> String {
    let exception = "[[practitioners.exceptions]]\ndate = 2026-11-24\nhours = []\nnote = \"At sea\"\n\n[[practitioners]]\nslug = \"ana\"";
    clinics::LAB.replacen("[[practitioners]]\nslug = \"ana\"", exception, 1)
}

async fn ids(app: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    let visitor = app.anonymous();
    for what in ["", "/services", "/practitioners"] {
        let json = visitor.get(&format!("/api/v1/clinics/riverside{what}")).await.expect(200).json();
        match json["items"].as_array() {
            Some(items) => ids.extend(items.iter().map(|i| i["id"].to_string())),
            None => ids.push(json["id"].to_string()),
        }
    }
    ids
}

async fn importing_again_keeps_every_id(app: TestApp) {
    let before = ids(&app).await;
    for _ in 0..2 {
        let done = clinics::import(&app.cx, clinics::RIVERSIDE).await;
        assert!(!done.created && done.stranded.is_empty());
    }
    assert_eq!(ids(&app).await, before);
    assert!(before.len() > 10);
}

async fn hours_that_would_strand_a_visit_are_not_imported(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", START, &Person::number(1)).await.field("id");
    let refused = import(&app.cx, &clinics::plan(&away()), WhenStranded::Stop).await;
    let Err(ImportError::Stranded(visits)) = refused else { panic!("{refused:?}") };
    assert_eq!(visits.len(), 1);
    assert_eq!((visits[0].appointment.to_string(), visits[0].practitioner.as_str()), (visit, "Dr Solo"));
    program.hold("lab", "solo", "2026-11-24T14:00:00+01:00").await.expect(201);
}

async fn stranded_visits_are_kept_when_asked(app: TestApp) {
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", START, &Person::number(1)).await.field("id");
    let done = import(&app.cx, &clinics::plan(&away()), WhenStranded::Keep).await.unwrap();
    assert_eq!(done.stranded.len(), 1);
    assert_eq!(program.get(&format!("/api/v1/appointments/{visit}")).await.expect(200).field("status"), "booked");
    program.hold("lab", "solo", "2026-11-24T14:00:00+01:00").await.expect_problem(409, "away");
}

async fn whoever_sits_in_the_room_that_goes_is_named(app: TestApp) {
    let mut two = clinics::plan(clinics::LAB);
    let room = two.resources.iter().find(|one| one.slug == "only-room").expect("a room").clone();
    two.resources.push(ResourcePlan { slug: "other-room".into(), name: "The other room".into(), ..room });
    let roomy = two.services.iter_mut().find(|one| one.slug == "roomy").expect("the service");
    roomy.needs = vec![vec!["only-room".into(), "other-room".into()]];
    import(&app.cx, &two, WhenStranded::Stop).await.unwrap();
    let program = app.program("lab").await;
    for n in 1..=2 {
        program.book("lab", "roomy", START, &Person::number(n)).await;
    }
    // Another room being open is of no use to whoever sits in the one that closes, or is no more.
    let mut closed = two.clone();
    let one = closed.resources.iter_mut().find(|one| one.slug == "only-room").expect("a room");
    one.hours = Some(Hours::default());
    let mut gone = two.clone();
    gone.resources.retain(|one| one.slug != "only-room");
    for service in &mut gone.services {
        service.needs.iter_mut().for_each(|any| any.retain(|room| room != "only-room"));
    }
    for plan in [closed, gone] {
        let refused = import(&app.cx, &plan, WhenStranded::Stop).await;
        let Err(ImportError::Stranded(visits)) = refused else { panic!("{refused:?}") };
        assert_eq!(visits.len(), 1, "{visits:?}");
    }
    import(&app.cx, &two, WhenStranded::Stop).await.unwrap();
}

async fn stranded_visits_are_cancelled_when_asked(app: TestApp) {
    let program = app.program("lab").await;
    let stays = program.book("lab", "solo", "2026-11-25T10:00:00+01:00", &Person::number(2)).await.field("id");
    let visit = program.book("lab", "solo", START, &Person::number(1)).await.field("id");
    let done = import(&app.cx, &clinics::plan(&away()), WhenStranded::Cancel).await.unwrap();
    assert_eq!(done.stranded.len(), 1);
    let status = async |id: &str| program.get(&format!("/api/v1/appointments/{id}")).await.expect(200).field("status");
    assert_eq!((status(&visit).await.as_str(), status(&stays).await.as_str()), ("cancelled", "booked"));
    app.run_jobs().await;
    let last = app.mailer.sent().pop().unwrap();
    assert!(last.to == Person::number(1).email && last.subject.contains("cancelled"), "{last:?}");
}

async fn a_closed_day_takes_no_bookings_and_opens_again(app: TestApp) {
    let program = app.program("lab").await;
    clinics::import(&app.cx, &away()).await;
    assert_eq!(program.free("lab", "solo", "2026-11-24", "2026-11-24").await, Vec::<String>::new());
    let refused = program.hold("lab", "solo", START).await.expect_problem(409, "away");
    assert!(refused.field("title").contains("At sea"), "{}", refused.text);
    clinics::import(&app.cx, clinics::LAB).await;
    program.hold("lab", "solo", START).await.expect(201);
}

async fn a_service_that_is_gone_is_not_offered_and_comes_back_with_its_id(app: TestApp) {
    let id = async || {
        let services = app.anonymous().get("/api/v1/clinics/lab/services").await.expect(200).json();
        services["items"].as_array().unwrap().iter().find(|s| s["slug"] == "rare").map(|s| s["id"].to_string())
    };
    let before = id().await;
    assert!(before.is_some());
    let start = clinics::LAB.find("[[services]]\nslug = \"rare\"").unwrap();
    let end = start + clinics::LAB[start..].find("[[practitioners]]").unwrap();
    let without = format!("{}{}", &clinics::LAB[..start], &clinics::LAB[end..]).replace(", \"rare\"]", "]");
    clinics::import(&app.cx, &without).await;
    assert_eq!(id().await, None);
    app.anonymous().hold("lab", "rare", START).await.expect_problem(404, "not_found");
    clinics::import(&app.cx, clinics::LAB).await;
    assert_eq!(id().await, before);
}

/// The mistake, as whoever imports the file reads it.
#[track_caller]
fn told(refused: Result<Imported, ImportError>, text: &str) -> String {
    let Err(ImportError::Mistake(mistake)) = refused else { panic!("{refused:?}") };
    mistake.in_file("lab.toml", text).to_string()
}

async fn another_tenant_cannot_take_a_clinics_slug(app: TestApp) {
    let stolen = clinics::LAB.replacen("slug = \"lab\"", "slug = \"thieves\"", 1);
    let refused = import(&app.cx, &clinics::plan(&stolen), WhenStranded::Cancel).await;
    let told = told(refused, &stolen);
    assert_eq!(
        told,
        "lab.toml:4: tenant.slug: the clinic lab belongs to the network lab already, and not to thieves. \
         Allowed: lab, or another slug for the clinic."
    );
    assert_eq!(app.count("SELECT count(*) FROM tenant WHERE slug = 'thieves'").await, 0);
}

async fn a_clinics_zone_cannot_change_under_a_visit(app: TestApp) {
    let moved = clinics::LAB.replace("Europe/Berlin", "Europe/Lisbon");
    let program = app.program("lab").await;
    let visit = program.book("lab", "solo", START, &Person::number(1)).await.field("id");
    let refused = import(&app.cx, &clinics::plan(&moved), WhenStranded::Cancel).await;
    assert_eq!(
        told(refused, &moved),
        "lab.toml:17: clinic.zone: visits are booked by the clock of Europe/Berlin, and by Europe/Lisbon they would be at \
         other hours. Allowed: Europe/Berlin, as long as a booked visit is ahead."
    );
    program.cancel(&visit).await.expect(200);
    import(&app.cx, &clinics::plan(&moved), WhenStranded::Stop).await.unwrap();
}

async fn a_hold_made_before_the_hours_changed_is_not_confirmed_after(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", START).await.expect(201);
    clinics::import(&app.cx, &away()).await;
    program.confirm(&hold, &Person::number(1), "key").await.expect_problem(409, "away");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 0);
}

async fn a_days_own_settings_count_when_a_visit_is_booked_and_cancelled(app: TestApp) {
    let exception = "[[practitioners.exceptions]]\ndate = 2026-11-24\nhours = [\"00:00-24:00\"]\n\
                     booking = { needs_approval = true, notice_cancel = \"30 days\" }\n\n[[practitioners]]\nslug = \"ana\"";
    let file = clinics::LAB.replacen("[[practitioners]]\nslug = \"ana\"", exception, 1);
    clinics::import(&app.cx, &file).await;
    let person = Person::number(1);
    let patient = app.patient(&person.email).await;
    let visit = patient.book("lab", "solo", START, &person).await;
    assert_eq!(visit.field("status"), "pending");
    patient.cancel(&visit.field("id")).await.expect_problem(409, "too_late");
    let page = patient.get(&format!("/visits/{}", visit.field("id"))).await.expect(200).text;
    assert!(page.contains("It is too late to cancel it here"), "{page}");
    let next_day = patient.book("lab", "solo", "2026-11-25T10:00:00+01:00", &person).await;
    assert_eq!(next_day.field("status"), "booked");
    patient.cancel(&next_day.field("id")).await.expect(200);
}

async fn a_clinics_day_with_settings_of_its_own_is_everybodys(app: TestApp) {
    let day = "[clinic.opening]\ntue = [\"00:00-24:00\"]\n\n[[clinic.exceptions]]\ndate = 2026-11-24\nhours = [\"00:00-24:00\"]\n\
               booking = { duration = \"1 h\", grid = \"1 h\", needs_approval = true, notice_cancel = \"30 days\" }\n\n\
               [clinic.booking]";
    clinics::import(&app.cx, &clinics::LAB.replacen("[clinic.booking]", day, 1)).await;
    let person = Person::number(1);
    let patient = app.patient(&person.email).await;
    for service in ["solo", "team"] {
        assert_eq!(patient.free("lab", service, "2026-11-24", "2026-11-24").await.len(), 24, "{service}");
        assert_eq!(patient.free("lab", service, "2026-11-25", "2026-11-25").await.len(), 96, "{service}");
    }
    patient.hold("lab", "solo", "2026-11-24T10:15:00+01:00").await.expect_problem(409, "off_grid");
    let visit = patient.book("lab", "solo", START, &person).await;
    assert_eq!((visit.field("status").as_str(), visit.field("end").as_str()), ("pending", "2026-11-24T11:00:00+01:00"));
    patient.cancel(&visit.field("id")).await.expect_problem(409, "too_late");
    let usual = patient.book("lab", "solo", "2026-11-25T10:15:00+01:00", &person).await;
    assert_eq!((usual.field("status").as_str(), usual.field("end").as_str()), ("booked", "2026-11-25T10:45:00+01:00"));
}

async fn a_tenants_settings_reach_its_other_clinics_at_once(app: TestApp) {
    let visitor = app.anonymous();
    visitor.hold("lab", "solo", START).await.expect(201);
    let sibling = clinics::LAB
        .replacen("slug = \"lab\"\nname = \"Lab Clinic\"", "slug = \"lab-two\"\nname = \"Lab Two\"", 1)
        .replacen("notice_book = 0", "notice_book = \"30 days\"", 1);
    assert!(clinics::import(&app.cx, &sibling).await.created);
    // Whoever asks first with the old rules is told to try again.
    let later = "2026-11-24T14:00:00+01:00";
    visitor.hold("lab", "solo", later).await.expect_problem(409, "busy");
    visitor.hold("lab", "solo", later).await.expect_problem(409, "too_soon");
}
