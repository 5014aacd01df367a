//! What clinics can be found by.

use portal::clinic::{Choices, WhenStranded, choices, import};
use testkit::{TestApp, clinics, on_both_engines};

on_both_engines![
    what_there_is_to_choose_from_follows_the_clinics,
    every_language_somebody_speaks_finds_the_clinic,
    places_that_are_too_many_for_a_list_are_written,
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
