//! What clinics can be found by.

use portal::clinic::{Choices, WhenStranded, choices, import};
use testkit::{TestApp, clinics, encode, on_both_engines};

on_both_engines![
    what_there_is_to_choose_from_follows_the_clinics,
    every_language_somebody_speaks_finds_the_clinic,
    places_that_are_too_many_for_a_list_are_written,
    the_longest_page_says_that_there_is_more,
    a_clinic_is_found_by_its_name_as_people_type_it,
    a_clinic_is_found_by_what_is_done_there,
    every_word_counts_and_so_does_every_choice,
];

async fn choose(app: &TestApp) -> Choices {
    choices(&app.cx).await.unwrap()
}

async fn what_there_is_to_choose_from_follows_the_clinics(app: TestApp) {
    let mut plan = clinics::plan(clinics::LAB);
    let before = choose(&app).await.cities.unwrap();
    assert!(before.is_sorted() && before.contains(&plan.clinic.address.city), "{before:?}");
    plan.clinic.address.city = "Zürich".to_owned();
    plan.clinic.languages = vec!["rm".to_owned()];
    import(&app.cx, &plan, WhenStranded::Stop).await.unwrap();
    let after = choose(&app).await;
    assert_eq!(after.cities.unwrap().last().map(String::as_str), Some("Zürich"));
    assert!(after.languages.contains(&"rm".to_owned()));
    let found = app.anonymous().get("/api/v1/clinics?city=Z%C3%BCrich&language=rm").await.expect(200).json();
    assert_eq!(found["items"][0]["slug"], "lab");
}

async fn every_language_somebody_speaks_finds_the_clinic(app: TestApp) {
    let languages = choose(&app).await.languages;
    assert!(languages.len() > 2, "{languages:?}");
    for language in languages {
        let found = app.anonymous().get(&format!("/api/v1/clinics?language={language}")).await.expect(200).json();
        assert!(found["items"].as_array().is_some_and(|items| !items.is_empty()), "{language}");
    }
}

async fn places_that_are_too_many_for_a_list_are_written(app: TestApp) {
    // The element that asks for the place.
    let asks = async || {
        let page = app.anonymous().get("/").await.expect(200).text;
        let field = page.split('<').find(|tag| tag.contains("id=\"city\"")).expect("a field for the place");
        field.split(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!(asks().await, "select");
    let mut plan = clinics::plan(clinics::LAB);
    for n in 0..200 {
        plan.clinic.slug = format!("branch-{n}");
        plan.clinic.address.city = format!("Town {n}");
        import(&app.cx, &plan, WhenStranded::Stop).await.unwrap();
    }
    assert_eq!(choose(&app).await.cities, None);
    assert_eq!(asks().await, "input");
}

async fn the_longest_page_says_that_there_is_more(app: TestApp) {
    let mut plan = clinics::plan(clinics::LAB);
    for n in 0..97 {
        plan.clinic.slug = format!("branch-{n}");
        import(&app.cx, &plan, WhenStranded::Stop).await.unwrap();
    }
    let page = async |after: &str| app.anonymous().get(&format!("/api/v1/clinics?limit=100&after={after}")).await;
    let first = page("").await.expect(200).json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(100));
    let rest = page(first["next"].as_str().expect("more")).await.expect(200).json();
    assert_eq!((rest["items"].as_array().map(Vec::len), &rest["next"]), (Some(1), &serde_json::Value::Null));
}

/// The slugs that the API finds; the page of the same words links to the same ones.
async fn found(app: &TestApp, asked: &[(&str, &str)]) -> Vec<String> {
    let pairs: Vec<_> = asked.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let query = pairs.join("&");
    let json = app.anonymous().get(&format!("/api/v1/clinics?{query}")).await.expect(200).json();
    let slugs: Vec<String> =
        json["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap().to_owned()).collect();
    let page = app.anonymous().get(&format!("/?{query}")).await.expect(200).text;
    let links = page.split("href=\"/c/").skip(1).filter_map(|rest| rest.split('"').next());
    assert_eq!(links.collect::<Vec<_>>(), slugs, "{query}");
    slugs
}

async fn words(app: &TestApp, q: &str) -> Vec<String> {
    found(app, &[("q", q)]).await
}

async fn a_clinic_is_found_by_its_name_as_people_type_it(app: TestApp) {
    for q in ["Northgate Hospital", "northgate", "NORTH", "  hospital   northgate ", "gate"] {
        assert_eq!(words(&app, q).await, ["northgate"], "{q}");
    }
    for q in ["Southgate", "northgatex", "north gate clinic of the moon"] {
        assert_eq!(words(&app, q).await, Vec::<String>::new(), "{q}");
    }
    assert_eq!(words(&app, "").await, ["harbour", "lab", "northgate", "riverside"]);
}

async fn a_clinic_is_found_by_what_is_done_there(app: TestApp) {
    // By speciality, by the name of a visit, and by who is there; also where two clinics have one.
    for (q, slugs) in [
        ("cardiology", vec!["northgate"]),
        ("Dentistry", vec!["harbour"]),
        ("physiotherapy", vec!["harbour", "northgate"]),
        ("mri", vec!["northgate"]),
        ("Filling", vec!["harbour"]),
        ("herrera", vec!["northgate"]),
        ("Yusuf Haddad", vec!["harbour"]),
    ] {
        assert_eq!(words(&app, q).await, slugs, "{q}");
    }
    for q in ["neurosurgery", "cardiology dentistry", "dentist's"] {
        assert_eq!(words(&app, q).await, Vec::<String>::new(), "{q}");
    }
    // What is no longer done there finds nobody.
    let mut plan = clinics::plan(clinics::NORTHGATE);
    plan.services.retain(|service| service.speciality != "Cardiology");
    plan.resources.retain(|resource| !["okonkwo", "herrera"].contains(&resource.slug.as_str()));
    import(&app.cx, &plan, WhenStranded::Stop).await.unwrap();
    assert_eq!(words(&app, "cardiology").await, Vec::<String>::new());
    assert_eq!(words(&app, "dermatology").await, ["northgate"]);
}

async fn every_word_counts_and_so_does_every_choice(app: TestApp) {
    let physio = ("q", "physiotherapy");
    assert_eq!(found(&app, &[physio, ("city", "New York")]).await, ["northgate"]);
    assert_eq!(found(&app, &[physio, ("language", "el")]).await, ["harbour"]);
    assert_eq!(found(&app, &[physio, ("city", "Berlin")]).await, Vec::<String>::new());
    assert_eq!(found(&app, &[physio, ("city", "New York"), ("language", "el")]).await, Vec::<String>::new());
    // A place is chosen whole, a language by its tag.
    for (name, value) in [("city", "York"), ("city", "New"), ("language", "e"), ("language", "English")] {
        assert_eq!(found(&app, &[(name, value)]).await, Vec::<String>::new(), "{value}");
    }
}
