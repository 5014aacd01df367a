//! `portico user`: who works here, at the machine itself, where the first ones come from.

use domain::staff::Role;
use testkit::{Installation, TestApp, TestDb, on_both_engines};

on_both_engines![
    somebody_is_invited_listed_and_removed_at_the_machine,
    what_is_wrong_with_an_invitation_is_told,
    a_network_without_administrator_is_set_up_by_a_link,
];

/// The binary on the test's own database.
fn machine(app: &TestApp) -> Installation {
    let db = TestDb { engine: app.db.engine, url: app.db.url.clone(), folder: app.db.folder.clone() };
    Installation::untouched(env!("CARGO_BIN_EXE_portico"), db)
}

async fn somebody_is_invited_listed_and_removed_at_the_machine(app: TestApp) {
    let (machine, manager) = (machine(&app), app.staff("lab", Role::Manager).await);
    let invite = [
        "user",
        "invite",
        "--clinic",
        "lab",
        "--role",
        "nurse",
        "--name",
        "Ada Newcomer",
        "--email",
        "ada@example.com",
    ];
    let link = machine.run(&invite).await;
    let link = link.trim().lines().last().expect("a link").to_owned();
    assert!(link.contains("/staff/join/"), "{link}");
    let ada = app.patient("ada@example.com").await;
    let token = link.rsplit('/').next().expect("a token");
    let list = machine.run(&["user", "list", "--clinic", "lab"]).await;
    assert!(list.lines().any(|line| line.contains("  open  invited  nurse  lab  Ada Newcomer  ada@")), "{list}");
    ada.form("/fn/staff-join", &[("token", token)]).await.expect(303);
    let ada = app.with_app(ada, "ada@example.com").await;
    ada.caller.get("/staff/lab/schedule").await.expect(200);
    let list = machine.run(&["user", "list", "--clinic", "lab"]).await;
    let row = list.lines().find(|line| line.contains("ada@example.com")).expect("a row");
    for word in ["active", "invited", "nurse", "lab", "Ada Newcomer"] {
        assert!(row.contains(word), "{word}: {row}");
    }
    assert!(list.contains(&manager.email), "{list}");
    let id = row.split_whitespace().next().expect("an id");
    assert!(machine.run(&["user", "disable", id]).await.contains("no longer works here"));
    ada.caller.get("/staff/lab/schedule").await.expect(404);
    manager.caller.get("/staff/lab/schedule").await.expect(200);
    let list = machine.run(&["user", "list", "--clinic", "lab"]).await;
    assert!(list.lines().any(|line| line.contains("ada@example.com") && line.contains("disabled")), "{list}");
    let twice = machine.output(&["user", "disable", id]).await;
    assert!(
        !twice.status.success() && String::from_utf8_lossy(&twice.stderr).contains("`portico user list`"),
        "{twice:?}"
    );
    // An invitation that nobody took up is taken back.
    let link = machine.run(&invite).await;
    let list = machine.run(&["user", "list", "--clinic", "lab"]).await;
    let open = list.lines().find(|line| line.contains("  open  ")).and_then(|line| line.split_whitespace().next());
    let open = open.expect("an open invitation");
    assert!(machine.run(&["user", "disable", open]).await.contains("does not work any more"));
    let token = link.trim().rsplit('/').next().expect("a token");
    let page = app.anonymous().get(&format!("/staff/join/{token}")).await.text;
    assert!(page.contains("This invitation does not work any more"), "{page}");
    // Not given by an identity provider, so it is not given back by one.
    let back = machine.output(&["user", "enable", id]).await;
    assert!(!back.status.success(), "{back:?}");
}

async fn what_is_wrong_with_an_invitation_is_told(app: TestApp) {
    let machine = machine(&app);
    let invite = async |clinic: &str, role: &str, name: &str, email: &str, more: &[&str]| {
        let said = ["user", "invite", "--clinic", clinic, "--role", role, "--name", name, "--email", email];
        let output = machine.output(&[&said[..], more].concat()).await;
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for (told, words) in [
        (invite("nowhere", "nurse", "Ada", "ada@example.com", &[]).await, "no clinic `nowhere`"),
        (invite("lab", "king", "Ada", "ada@example.com", &[]).await, "allowed: front-desk, nurse"),
        (invite("lab", "nurse", "", "ada@example.com", &[]).await, "--name"),
        (invite("lab", "nurse", "Ada", "ada", &[]).await, "--email"),
        (invite("lab", "clinician", "Ada", "ada@example.com", &[]).await, "needs --practitioner"),
        (invite("lab", "clinician", "Ada", "ada@example.com", &["--practitioner", "x"]).await, "no practitioner `x`"),
    ] {
        assert!(told.contains(words) && !told.contains("panicked"), "{words}: {told}");
    }
    assert_eq!(app.count("SELECT count(*) FROM staff_invite").await, 0);
}

async fn a_network_without_administrator_is_set_up_by_a_link(app: TestApp) {
    let machine = machine(&app);
    let told = machine.run(&["user", "set-up"]).await;
    assert!(told.contains("/staff/join/"), "{told}");
    assert!(app.count("SELECT count(*) FROM staff_invite WHERE role = 'admin'").await >= 1);
}
