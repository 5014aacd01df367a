//! SMART Scheduling Links: the files agree with what can be booked, and a link of theirs leads to that time and is remembered.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    the_manifest_names_every_clinics_files,
    slots_are_what_can_be_booked,
    an_answer_that_is_known_is_not_sent_again,
    what_is_asked_for_decides,
    a_link_leads_to_its_time_and_is_remembered,
    what_is_not_offered_is_not_published,
];

const BASE: &str = "/api/v1/smart-scheduling";

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "application/fhir+ndjson");
    let text = answer.text.strip_suffix('\n').unwrap_or_default();
    text.split('\n').map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn path(url: &Value) -> String {
    url.as_str().expect("a url").strip_prefix("http://localhost:3000").expect("ours").to_owned()
}

fn extension(slot: &Value, name: &str) -> Vec<Value> {
    let all = slot["extension"].as_array().expect("extensions").iter();
    all.filter(|one| one["url"].as_str().expect("a url").ends_with(&format!("/StructureDefinition/{name}")))
        .map(|one| {
            one.as_object().expect("an object").iter().find(|(key, _)| *key != "url").expect("a value").1.clone()
        })
        .collect()
}

async fn the_manifest_names_every_clinics_files(app: TestApp) {
    let nobody = app.anonymous();
    let answer = nobody.get(&format!("{BASE}/$bulk-publish")).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let manifest = answer.json();
    assert_eq!(manifest["request"], format!("http://localhost:3000{BASE}/$bulk-publish"));
    assert_eq!(manifest["transactionTime"], "2026-11-23T06:00:00Z");
    assert_eq!(manifest["error"], json!([]));
    let (mut locations, mut schedules, mut slots) = (BTreeSet::new(), Vec::new(), Vec::new());
    for output in manifest["output"].as_array().expect("output") {
        let found = lines(&nobody.get(&path(&output["url"])).await.expect(200));
        let kind = output["type"].as_str().expect("a type");
        for one in &found {
            assert_eq!(one["resourceType"], kind);
            let id = one["id"].as_str().expect("an id");
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
            assert!((1..=64).contains(&id.len()) && id.bytes().all(plain), "{id}");
        }
        match kind {
            "Location" => locations.extend(found.iter().map(|one| format!("Location/{}", one["id"].as_str().unwrap()))),
            "Schedule" => schedules.extend(found),
            _ => slots.extend(found),
        }
    }
    assert_eq!(locations.len(), 4, "the demo's three and the lab");
    for schedule in &schedules {
        assert!(locations.contains(schedule["actor"][0]["reference"].as_str().expect("a reference")), "{schedule}");
    }
    let known: BTreeSet<_> = schedules.iter().map(|one| format!("Schedule/{}", one["id"].as_str().unwrap())).collect();
    assert!(slots.len() > 100, "{}", slots.len());
    assert!(slots.iter().all(|slot| known.contains(slot["schedule"]["reference"].as_str().expect("a reference"))));
    let ids: BTreeSet<_> = slots.iter().map(|slot| slot["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), slots.len(), "each once");
    // As browsers and most programs ask: what is packed while it is made arrives to its end.
    let file = nobody.request("GET", &format!("{BASE}/clinics/lab/slots.ndjson")).header("accept-encoding", "gzip");
    let packed = nobody.send(file).await.expect(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    // One network alone.
    let manifest =
        nobody.get(&format!("{BASE}/$bulk-publish?network=lab&_since=2026-01-01T00:00:00Z")).await.expect(200).json();
    assert_eq!(manifest["output"].as_array().expect("output").len(), 3);
    let one = lines(&nobody.get(&path(&manifest["output"][0]["url"])).await.expect(200));
    assert_eq!((one.len(), one[0]["name"].as_str()), (1, Some("Lab Clinic")));
    for missing in ["$bulk-publish?network=nowhere", "locations.ndjson?network=%00", "clinics/nowhere/slots.ndjson"] {
        nobody.get(&format!("{BASE}/{missing}")).await.expect_problem(404, "not_found");
    }
}

async fn slots_of(caller: &Caller, clinic: &str) -> Vec<Value> {
    lines(&caller.get(&format!("{BASE}/clinics/{clinic}/slots.ndjson")).await.expect(200))
}

/// The starts of a service's slots, as the API lists them.
fn starts(slots: &[Value], service: &str) -> Vec<String> {
    let ours = |slot: &&Value| {
        extension(slot, "booking-deep-link")[0].as_str().unwrap().contains(&format!("service={service}&"))
    };
    slots.iter().filter(ours).map(|slot| slot["start"].as_str().expect("a start").to_owned()).collect()
}

async fn slots_are_what_can_be_booked(app: TestApp) {
    let program = app.program("riverside").await;
    let services = program.get("/api/v1/clinics/riverside/services").await.expect(200).json();
    let services: Vec<String> =
        services["items"].as_array().unwrap().iter().map(|s| s["slug"].as_str().unwrap().to_owned()).collect();
    let agree = async || {
        let slots = slots_of(&program, "riverside").await;
        for service in &services {
            // Today and 27 days more.
            let free = program.free("riverside", service, "2026-11-23", "2026-12-20").await;
            assert_eq!(starts(&slots, service), free, "{service}");
        }
        slots
    };
    let before = agree().await;
    let first = starts(&before, "vaccination").into_iter().next().expect("a free start");
    // Everybody who is free then is booked.
    let at = |slots: &[Value]| {
        let found = slots
            .iter()
            .find(|s| s["start"] == first.as_str() && starts(std::slice::from_ref(*s), "vaccination").len() == 1);
        found.map(|slot| extension(slot, "slot-capacity")[0].as_u64().expect("a number"))
    };
    let places = at(&before).expect("free");
    for n in 0..places {
        assert_eq!(at(&agree().await), Some(places - n));
        program.book("riverside", "vaccination", &first, &Person::number(usize::try_from(n).unwrap())).await;
    }
    assert_eq!(at(&agree().await), None);
    // A hold takes it away as well, and an ended one gives it back.
    let next = starts(&agree().await, "followup").into_iter().next().expect("a free start");
    let hold = program.hold("riverside", "followup", &next).await.expect(201);
    agree().await;
    program.release(&hold).await.expect(204);
    let slots = agree().await;
    let slot = &slots[0];
    assert_eq!(slot["status"], "free");
    assert!(
        slot["start"].as_str().unwrap().ends_with("+01:00") && slot["end"].as_str() > slot["start"].as_str(),
        "{slot}"
    );
    assert_eq!(extension(slot, "booking-phone").len(), 2, "under both names");
    // The same start is the same slot, also after the clinic was imported again. (One is too soon by now.)
    let ids = |slots: &[Value]| slots.iter().map(|slot| slot["id"].to_string()).collect::<BTreeSet<_>>();
    let text = testkit::clinics::RIVERSIDE.replace("Riverside Family", "Riverside family");
    testkit::clinics::import(&app.cx, &text).await;
    app.clock.advance_minutes(1);
    let (before, after) = (ids(&slots), ids(&agree().await));
    assert!(after.is_subset(&before) && after.len() + 10 > before.len(), "{} of {}", after.len(), before.len());
}

async fn an_answer_that_is_known_is_not_sent_again(app: TestApp) {
    let nobody = app.anonymous();
    let program = app.program("lab").await;
    // The lab books until the last moment: this minute's start is over soon, the next one in a quarter of an hour.
    app.clock.advance_minutes(1);
    for file in ["$bulk-publish", "locations.ndjson", "schedules.ndjson", "clinics/lab/slots.ndjson"] {
        let path = format!("{BASE}/{file}");
        let etag = nobody.get(&path).await.expect(200).header("etag").to_owned();
        let again = nobody.clone().with_header("if-none-match", &etag);
        let known = again.get(&path).await;
        // Postgres may have been booked on elsewhere, but not within this moment.
        assert_eq!((known.status, known.text.len(), known.header("etag")), (304, 0, etag.as_str()), "{file}");
        assert_eq!(nobody.get(&path).await.expect(200).header("etag"), etag, "{file}");
    }
    let path = format!("{BASE}/clinics/lab/slots.ndjson");
    let etag = nobody.get(&path).await.expect(200).header("etag").to_owned();
    program.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let changed = nobody.clone().with_header("if-none-match", &etag).get(&path).await.expect(200);
    assert_ne!(changed.header("etag"), etag);
    // Time itself changes what is free: the hold ends.
    let etag = changed.header("etag").to_owned();
    app.clock.advance_minutes(120);
    let changed = nobody.clone().with_header("if-none-match", &etag).get(&path).await.expect(200);
    assert_ne!(changed.header("etag"), etag);
}

async fn what_is_asked_for_decides(app: TestApp) {
    let asking = |accept: &str| app.anonymous().with_header("accept", accept);
    let (manifest, slots) = (format!("{BASE}/$bulk-publish"), format!("{BASE}/clinics/lab/slots.ndjson"));
    for good in ["application/json", "application/fhir+json", "*/*", "text/html,*/*;q=0.8"] {
        asking(good).get(&manifest).await.expect(200);
    }
    for good in ["application/fhir+ndjson", "application/ndjson", "application/json", "*/*"] {
        asking(good).get(&slots).await.expect(200);
    }
    for bad in ["text/html", "application/xml", "application/fhir+xml"] {
        asking(bad).get(&manifest).await.expect_problem(406, "not_acceptable");
        asking(bad).get(&slots).await.expect_problem(406, "not_acceptable");
    }
    assert_eq!(app.anonymous().post(&manifest, &json!({})).await.status, 405);
}

async fn a_link_leads_to_its_time_and_is_remembered(app: TestApp) {
    let browser = app.patient("amira@example.com").await;
    let slots = slots_of(&browser, "riverside").await;
    let vaccination =
        slots.iter().filter(|slot| starts(std::slice::from_ref(*slot), "vaccination").len() == 1).nth(5).expect("some");
    let link = path(&extension(vaccination, "booking-deep-link")[0]);
    let link = format!("{link}&source=source-abc&booking-referral=34d1a803-cd6c-4420-9cf5-c5edcc533538");
    let page = browser.get(&link).await.expect(200).text;
    let moment: jiff::Timestamp = vaccination["start"].as_str().unwrap().parse().unwrap();
    let chosen = format!("value=\"{moment}\"");
    let input = page.split("<input").find(|part| part.contains(&chosen)).expect("the time is listed");
    assert!(input.split('>').next().unwrap().contains("checked"), "{input}");
    for kept in ["name=\"source\" value=\"source-abc\"", "name=\"booking-referral\" value=\"34d1a803"] {
        assert!(page.contains(kept), "{kept}");
    }
    // Also where somebody looks around before choosing.
    assert!(
        page.matches("source=source-abc&amp;booking-referral=34d1a803-cd6c-4420-9cf5-c5edcc533538").count() > 3,
        "{page}"
    );
    let moment = moment.to_string();
    let fields = [
        ("clinic", "riverside"),
        ("service", "vaccination"),
        ("start", &moment),
        ("source", "source-abc"),
        ("booking-referral", "34d1a803-cd6c-4420-9cf5-c5edcc533538"),
    ];
    let held = browser.form("/fn/hold", &fields).await.expect(303);
    let hold = held.header("location").rsplit('/').next().expect("a hold").to_owned();
    let keys = app.program("riverside").await;
    let told =
        async |caller: &Caller| caller.get("/api/v1/booking-referrals").await.expect(200).json()["items"].clone();
    assert_eq!(told(&keys).await, json!([]), "nothing is booked yet");
    // Another time in its place keeps it.
    let later = starts(&slots, "vaccination").into_iter().nth(9).expect("a later one");
    let mut fields = fields.to_vec();
    (fields[2].1, fields[3].1, fields[4].1) = (&later, "", "");
    fields.push(("instead", &hold));
    let other = browser.form("/fn/hold", &fields).await.expect(303);
    let other = other.header("location").rsplit('/').nth(1).expect("a hold").to_owned();
    assert_ne!(hold, other);
    let body =
        json!({ "patient": Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") }.json() });
    let request = browser.post_request(&format!("/api/v1/holds/{other}/confirm"), &body).header("idempotency-key", "x");
    let visit = browser.send(request).await.expect(201).field("id");
    let referred = told(&keys).await;
    assert_eq!(
        (&referred[0]["appointment"], &referred[0]["source"], &referred[0]["booking_referral"]),
        (&json!(visit), &json!("source-abc"), &json!("34d1a803-cd6c-4420-9cf5-c5edcc533538")),
    );
    // Another network's programs hear nothing of it, and nobody else at all.
    assert_eq!(told(&app.program("lab").await).await, json!([]));
    app.program_with("riverside", &[]).await.get("/api/v1/booking-referrals").await.expect_problem(403, "forbidden");
    browser.get("/api/v1/booking-referrals").await.expect_problem(404, "not_found");
    // What is no handle is dropped, and shown to nobody.
    let bad = "/c/riverside/book/times?service=vaccination&source=%22%3E%3Cscript%3E&booking-referral=a%20b";
    let page = browser.get(bad).await.expect(200).text;
    for handle in ["name=\"source\"", "name=\"booking-referral\"", "script%3E", "a%20b", "a b\""] {
        assert!(!page.contains(handle), "{handle}: {page}");
    }
}

async fn what_is_not_offered_is_not_published(app: TestApp) {
    let nobody = app.anonymous();
    let schedules = async || lines(&nobody.get(&format!("{BASE}/schedules.ndjson?network=lab")).await.expect(200));
    let named = |all: &[Value]| {
        all.iter().map(|one| one["serviceType"][0]["coding"][0]["code"].to_string()).collect::<BTreeSet<_>>()
    };
    let before = named(&schedules().await);
    assert!(before.contains("\"solo\""));
    app.tamper("UPDATE service SET active = FALSE WHERE slug = 'solo'").await;
    app.tamper("UPDATE clinic SET version = version + 1 WHERE slug = 'lab'").await;
    app.clock.advance_minutes(1);
    let after = named(&schedules().await);
    assert_eq!(before.difference(&after).collect::<Vec<_>>(), ["\"solo\""]);
    assert_eq!(starts(&slots_of(&nobody, "lab").await, "solo"), Vec::<String>::new());
    // No further than 28 days, whatever the clinic allows.
    let last = slots_of(&nobody, "lab").await.iter().map(|slot| slot["start"].as_str().unwrap()[..10].to_owned()).max();
    assert!(last.as_deref() <= Some("2026-12-20"), "{last:?}");
}
