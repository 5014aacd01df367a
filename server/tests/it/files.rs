//! Files that people send: what is taken, what is kept of it, and who sees it.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use portal::{Scope, api_keys::Reach};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};

on_both_engines![
    a_photo_of_the_card_is_added_seen_and_removed,
    a_photo_is_drawn_anew_upright_and_without_its_place,
    what_is_no_photo_is_refused_whatever_it_is_called,
    a_form_with_mistakes_says_so,
    too_large_a_file_is_told_on_the_page,
    nobody_elses_file_is_there,
    a_helper_without_the_right_sees_no_card,
    of_two_photos_at_once_one_is_kept,
    twenty_files_a_day_are_enough,
    a_form_that_no_page_of_ours_sends_is_not_read,
    files_are_sealed_and_bound_to_their_row,
    the_clinic_reads_its_patients_files,
    files_go_along_in_a_merge_and_come_back,
    other_sites_and_strangers_send_nothing,
];

const TEN: &str = "2026-11-24T10:00:00+01:00";
const TWO: &str = "2026-11-24T14:00:00+01:00";
pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF";

/// A red card.
pub(crate) fn photo() -> Vec<u8> {
    written(&RgbImage::from_pixel(40, 20, Rgb([220, 10, 10])), ImageFormat::Jpeg)
}

fn written(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image.clone()).write_to(&mut bytes, format).expect("a picture is written");
    bytes.into_inner()
}

/// A JPEG whose EXIF says where it was taken and that it is to be turned: its left half, which is red, is its top.
fn photo_with_a_place() -> Vec<u8> {
    let colours = |x, _| if x < 200 { Rgb([220, 10, 10]) } else { Rgb([10, 10, 220]) };
    let jpeg = written(&RgbImage::from_fn(400, 200, colours), ImageFormat::Jpeg);
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    // Two entries: the orientation (6), and where the place's own entries are.
    tiff.extend(b"\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0");
    // One entry of the place: north. A note behind it can be looked for.
    tiff.extend(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0GPS-52.5200N-13.4050E");
    let mut with = jpeg[..2].to_vec();
    with.extend(b"\xff\xe1");
    with.extend(u16::try_from(tiff.len() + 8).expect("short").to_be_bytes());
    with.extend(b"Exif\0\0");
    with.extend(tiff);
    with.extend(&jpeg[2..]);
    with
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn person_of(browser: &Caller) -> String {
    let page = browser.get("/account/records").await.expect(200).text;
    page.split("/people/").nth(1).and_then(|rest| rest.get(..36)).expect("a person").to_owned()
}

/// A browser that booked for itself, and its person.
async fn patient(app: &TestApp, email: &str, start: &str) -> (Caller, String) {
    let browser = app.patient(email).await;
    let person = Person { email: email.to_owned(), ..Person::new("Amira", "Khalil") };
    browser.book("lab", "solo", start, &person).await.expect(201);
    let person = person_of(&browser).await;
    (browser, person)
}

async fn send(browser: &Caller, person: &str, side: &str, (name, bytes): (&str, &[u8])) -> Answer {
    let fields = [("person", person), ("side", side)];
    browser.upload("/fn/card-photo", &fields, Some(("photo", name, bytes))).await.expect(303)
}

/// The addresses of the photos on a person's page, in order.
async fn photos(browser: &Caller, person: &str) -> Vec<String> {
    let page = browser.get(&format!("/people/{person}/coverage")).await.expect(200).text;
    page.split("src=\"/files/").skip(1).map(|rest| format!("/files/{}", &rest[..36])).collect()
}

const KEPT: &str = "SELECT count(*) FROM stored_file WHERE removed_at IS NULL";

async fn a_photo_of_the_card_is_added_seen_and_removed(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let page = format!("/people/{person}/coverage");
    for side in ["card-front", "card-back", "card-front"] {
        let done = send(&browser, &person, side, ("card.jpg", &photo())).await;
        assert_eq!(done.header("location"), format!("{page}#photos"));
    }
    // The second front took the first one's place, whose bytes are gone.
    let there = photos(&browser, &person).await;
    assert_eq!((there.len(), app.count(KEPT).await), (2, 2));
    assert_eq!(app.count("SELECT count(*) FROM stored_file WHERE length(body) = 0").await, 1);
    let text = browser.get(&page).await.expect(200).text;
    assert!(text.contains("The front of the insurance card") && text.contains("The back of the insurance card"));
    assert!(text.contains("enctype=\"multipart/form-data\"") && text.contains("capture=\"environment\""), "{text}");
    let seen = browser.get(&there[0]).await.expect(200);
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-disposition", "inline"),
        ("cache-control", "private, no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(seen.header(name), value);
    }
    assert!(seen.header("content-security-policy").contains("sandbox"));
    let fields = [("person", person.as_str()), ("photo", &there[0]["/files/".len()..])];
    for _ in 0..2 {
        browser.form("/fn/card-photo-remove", &fields).await.expect(303);
    }
    browser.get(&there[0]).await.expect(404);
    assert_eq!(photos(&browser, &person).await, there[1..]);
    let audited = |action: &str| {
        format!(
            "SELECT count(*) FROM audit WHERE action = '{action}' AND actor_kind = 'account' AND patient_id IS NOT NULL"
        )
    };
    for (action, times) in [("file.put", 3), ("file.remove", 2), ("file.read", 1)] {
        assert_eq!(app.count(&audited(action)).await, times, "{action}");
    }
}

async fn a_photo_is_drawn_anew_upright_and_without_its_place(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let sent = photo_with_a_place();
    assert!(contains(&sent, b"Exif") && contains(&sent, b"GPS-52.52"));
    send(&browser, &person, "card-front", ("IMG_0001.JPG", &sent)).await;
    let kept = browser.get(&photos(&browser, &person).await[0]).await.expect(200).bytes;
    for trace in [&b"Exif"[..], b"GPS-52.52", b"MM\0\x2a"] {
        assert!(!contains(&kept, trace), "{trace:?}");
    }
    let drawn = image::load_from_memory(&kept).expect("a picture").into_rgb8();
    assert_eq!(drawn.dimensions(), (200, 400));
    let ([red, _, _], [_, _, blue]) = (drawn.get_pixel(100, 50).0, drawn.get_pixel(100, 350).0);
    assert!(red > 180 && blue > 180, "{red} {blue}");
}

/// A PNG that says it has this many pixels, and has none.
fn bomb(side: u32) -> Vec<u8> {
    let mut png = written(&RgbImage::new(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&side.to_be_bytes());
    png[20..24].copy_from_slice(&side.to_be_bytes());
    let crc = !png[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    });
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

async fn what_is_no_photo_is_refused_whatever_it_is_called(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let page = format!("/people/{person}/coverage");
    let (bomb, gif) = (bomb(60_000), b"GIF89a\x01\0\x01\0\0\0\0;".to_vec());
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (name, bytes) in [
        ("card.jpg", &b"just text"[..]),
        ("card.jpg", svg),
        ("card.png", &bomb),
        ("card.jpg", &gif),
        ("card.jpg", b"\xff\xd8\xff\xe0 not a picture"),
        // A card is photographed.
        ("card.pdf", PDF),
    ] {
        let refused = send(&browser, &person, "card-front", (name, bytes)).await;
        assert_eq!(refused.header("location"), page);
        let shown = browser.get(&page).await.expect(200).text;
        assert!(shown.contains("There is a problem"), "{shown}");
        assert!(shown.contains("Choose a photo (JPEG, PNG, WebP) of at most 10 MB"), "{shown}");
    }
    assert_eq!(app.count("SELECT count(*) FROM stored_file").await, 0);
}

async fn a_form_with_mistakes_says_so(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let page = format!("/people/{person}/coverage");
    browser.upload("/fn/card-photo", &[("person", &person)], Some(("photo", "", b""))).await.expect(303);
    let shown = browser.get(&page).await.expect(200).text;
    for words in ["Choose which side the photo shows", "Choose a photo of your insurance card", "<title>Error: "] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // The scolding is over, and nothing was kept.
    assert!(!browser.get(&page).await.expect(200).text.contains("There is a problem"));
    send(&browser, &person, "grant-request", ("card.jpg", &photo())).await;
    assert_eq!(app.count("SELECT count(*) FROM stored_file").await, 0);
    // What is no form of this kind is refused in one word.
    browser.form("/fn/card-photo", &[("person", &person)]).await.expect(400);
    let broken = browser.request("POST", "/fn/card-photo").header("content-type", "multipart/form-data").body("x");
    browser.send(broken).await.expect(400);
    let long = "a".repeat(40_000);
    let fields = [("person", person.as_str()), ("a", &long), ("b", &long)];
    browser.upload("/fn/card-photo", &fields, Some(("photo", "card.jpg", &photo()))).await.expect(400);
    let broken = browser.request("POST", "/fn/ask").header("accept", "text/html").body("x");
    assert_eq!(browser.send(broken).await.expect(303).header("location"), "/sorry?why=bad_request");
}

async fn too_large_a_file_is_told_on_the_page(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let page = format!("/people/{person}/coverage");
    let large = [photo(), vec![0; 10 * 1024 * 1024]].concat();
    send(&browser, &person, "card-front", ("card.jpg", &large)).await;
    assert!(browser.get(&page).await.expect(200).text.contains("of at most 10 MB"));
    // Below that, what stands behind the picture is left away.
    send(&browser, &person, "card-front", ("card.jpg", &large[..9 * 1024 * 1024])).await;
    let kept = browser.get(&photos(&browser, &person).await[0]).await.expect(200).bytes;
    assert!(kept.len() < 10_000, "{}", kept.len());
    // Every other form has the limit that it had.
    let other = browser.request("POST", "/fn/profile-say").header("content-type", "application/x-www-form-urlencoded");
    browser.send(other.body(vec![b'a'; 300_000])).await.expect_problem(413, "body_too_large");
}

async fn nobody_elses_file_is_there(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    send(&browser, &person, "card-front", ("card.jpg", &photo())).await;
    let [file] = &photos(&browser, &person).await[..] else { panic!("one photo") };
    let (eve, own) = patient(&app, "eve@example.com", TWO).await;
    for stranger in [&eve, &app.anonymous(), &app.program_with("lab", &[Scope::PatientsRead]).await] {
        stranger.get(file).await.expect_problem(404, "not_found");
    }
    let fields = [("person", person.as_str()), ("side", "card-front")];
    eve.upload("/fn/card-photo", &fields, Some(("photo", "card.jpg", &photo()))).await.expect(404);
    for (whose, expected) in [(&person, 404), (&own, 303)] {
        let fields = [("person", whose.as_str()), ("photo", &file["/files/".len()..])];
        eve.form("/fn/card-photo-remove", &fields).await.expect(expected);
    }
    browser.get(file).await.expect(200);
    browser.get("/files/nothing").await.expect(404);
}

async fn a_helper_without_the_right_sees_no_card(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    send(&browser, &person, "card-front", ("card.jpg", &photo())).await;
    let [file] = &photos(&browser, &person).await[..] else { panic!("one photo") };
    let helper = crate::grant_requests::helper(&app, &browser, &person, "book").await;
    helper.get(file).await.expect(404);
    helper.get(&format!("/people/{person}/coverage")).await.expect(404);
    app.tamper("UPDATE chart_grant SET scope = 'book pay' WHERE relation = 'other'").await;
    helper.get(file).await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'file.read' AND actor_kind = 'proxy'").await, 1);
    app.tamper("UPDATE chart_grant SET ended_at = 1 WHERE relation = 'other'").await;
    helper.get(file).await.expect(404);
    let fields = [("person", person.as_str()), ("side", "card-front")];
    helper.upload("/fn/card-photo", &fields, Some(("photo", "card.jpg", &photo()))).await.expect(404);
}

async fn of_two_photos_at_once_one_is_kept(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let photo = photo();
    let one = || send(&browser, &person, "card-front", ("card.jpg", &photo));
    let all = futures::future::join_all((0..4).map(|_| one())).await;
    assert!(all.iter().all(|answer| answer.header("location").ends_with("#photos")), "{all:#?}");
    assert_eq!(app.count(KEPT).await, 1);
    assert_eq!(photos(&browser, &person).await.len(), 1);
}

async fn twenty_files_a_day_are_enough(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    for n in 0..21 {
        let done = send(&browser, &person, "card-back", ("card.jpg", &photo())).await;
        assert_eq!(done.header("location").ends_with("#photos"), n < 20, "{n}");
    }
    let page = format!("/people/{person}/coverage");
    assert!(browser.get(&page).await.expect(200).text.contains("You have sent 20 files since yesterday"));
    app.clock.advance_minutes(24 * 60 + 1);
    let later = app.patient("amira@example.com").await;
    assert!(send(&later, &person, "card-back", ("card.jpg", &photo())).await.header("location").ends_with("#photos"));
}

async fn files_are_sealed_and_bound_to_their_row(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    for side in ["card-front", "card-back"] {
        send(&browser, &person, side, ("card.jpg", &photo())).await;
    }
    let there = photos(&browser, &person).await;
    let plain = browser.get(&there[0]).await.expect(200).bytes;
    let rows = entity::stored_file::Entity::find().all(app.cx.db.read()).await.expect("files are read");
    for row in &rows {
        assert_eq!(usize::try_from(row.size), Ok(plain.len()));
        assert!(!contains(&row.body, &plain[..16]) && !contains(&row.body, b"JFIF"), "a picture lies open");
    }
    // Another row's bytes do not open in this one.
    let of_other = "(SELECT body FROM stored_file WHERE purpose = 'card-back')";
    app.tamper(&format!("UPDATE stored_file SET body = {of_other} WHERE purpose = 'card-front'")).await;
    browser.get(&there[0]).await.expect_problem(500, "internal");
    browser.get(&there[1]).await.expect(200);
}

async fn items(program: &Caller, path: &str) -> Vec<Value> {
    program.get(path).await.expect(200).json()["items"].as_array().expect("a list").clone()
}

async fn the_clinic_reads_its_patients_files(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    send(&browser, &person, "card-front", ("card.jpg", &photo())).await;
    let list = format!("/api/v1/patients/{person}/files");
    let program = app.program_with("lab", &[Scope::PatientsRead]).await;
    let [file] = &items(&program, &list).await[..] else { panic!("one file") };
    assert_eq!((&file["purpose"], &file["media_type"]), (&json!("card-front"), &json!("image/jpeg")));
    let path = format!("{list}/{}", file["id"].as_str().expect("an id"));
    let read = program.get(&path).await.expect(200);
    assert_eq!(Some(read.bytes.len() as u64), file["size"].as_u64());
    assert_eq!((read.header("content-type"), read.header("cache-control")), ("image/jpeg", "private, no-store"));
    let by_key = "SELECT count(*) FROM audit WHERE actor_kind = 'api_key' AND patient_id IS NOT NULL AND action = ";
    for action in ["file.list", "file.read"] {
        assert_eq!(app.count(&format!("{by_key}'{action}'")).await, 1, "{action}");
    }
    // Another clinic's key, another network's, one for visits alone, and the patient's own browser.
    let network = app.program_of("harbour", Reach::Network, &[Scope::PatientsRead]).await;
    for other in [&app.program_with("harbour", &[Scope::PatientsRead]).await, &network, &browser] {
        for path in [&list, &path] {
            other.get(path).await.expect(404);
        }
    }
    app.program("lab").await.get(&list).await.expect(403);
    // Nor is a file another patient's.
    let (_, else_where) = patient(&app, "eve@example.com", TWO).await;
    let id = file["id"].as_str().expect("an id");
    program.get(&format!("/api/v1/patients/{else_where}/files/{id}")).await.expect(404);
}

async fn files_go_along_in_a_merge_and_come_back(app: TestApp) {
    let (kept_by, kept) = patient(&app, "amira@example.com", TEN).await;
    let (gone_by, gone) = patient(&app, "weber@example.com", TWO).await;
    send(&gone_by, &gone, "card-front", ("card.jpg", &photo())).await;
    let [file] = &photos(&gone_by, &gone).await[..] else { panic!("one photo") };
    kept_by.get(file).await.expect(404);
    let program = app.program_with("lab", &[Scope::PatientsRead, Scope::PatientsWrite]).await;
    let merged = program.post(&format!("/api/v1/patients/{kept}/merge"), &json!({ "gone": gone })).await.expect(201);
    kept_by.get(file).await.expect(200);
    assert_eq!(items(&program, &format!("/api/v1/patients/{gone}/files")).await.len(), 1);
    program.post(&format!("/api/v1/merges/{}/undo", merged.field("id")), &json!({})).await.expect(204);
    kept_by.get(file).await.expect(404);
    gone_by.get(file).await.expect(200);
}

async fn other_sites_and_strangers_send_nothing(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let fields = [("person", person.as_str()), ("side", "card-front")];
    let photo = photo();
    let file = Some(("photo", "card.jpg", &photo[..]));
    app.anonymous().upload("/fn/card-photo", &fields, file).await.expect(401);
    let cookie = format!("__Host-portico={}", browser.cookie());
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("x-nothing", "")] {
        let elsewhere = app.anonymous().with_header("cookie", &cookie).with_header(name, value);
        for path in ["/fn/card-photo", "/fn/ask"] {
            elsewhere.upload(path, &fields, file).await.expect_problem(403, "cross_site");
        }
    }
    assert_eq!(app.count("SELECT count(*) FROM stored_file").await, 0);
}

async fn a_form_that_no_page_of_ours_sends_is_not_read(app: TestApp) {
    let (browser, person) = patient(&app, "amira@example.com", TEN).await;
    let long = "n".repeat(65);
    let many: Vec<String> = (0..41).map(|n| format!("field-{n}")).collect();
    let known = [("person", person.as_str()), ("side", "card-front")];
    let named: Vec<_> = known.into_iter().chain([(long.as_str(), "x")]).collect();
    let crowded: Vec<_> = known.into_iter().chain(many.iter().map(|name| (name.as_str(), "x"))).collect();
    for fields in [named, crowded] {
        browser.upload("/fn/card-photo", &fields, Some(("photo", "card.jpg", &photo()))).await.expect(400);
    }
    assert_eq!(app.count(KEPT).await, 0);
}
