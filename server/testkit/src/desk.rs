//! The clinic's people in tests: invited, with an authenticator app, at their desk.

use domain::{
    person::{Email, Name},
    staff::Role,
};
use portal::{
    Browser, Fresh, clinic,
    identity::{self, fresh},
    staff::{self, Appointing},
};
use totp_rs::{Builder, Secret as Key, Totp};

use crate::{Caller, TestApp};

/// Somebody at work, and their app.
pub struct AtDesk {
    pub caller: Caller,
    pub email: String,
    pub app: Totp,
}

impl TestApp {
    /// Somebody with a role at one clinic; a clinician's schedule is the clinic's first practitioner's.
    pub async fn staff(&self, slug: &str, role: Role) -> AtDesk {
        let email = format!("{}.{slug}@example.com", role.as_str());
        self.staff_as(slug, role, &email).await
    }

    pub async fn staff_as(&self, slug: &str, role: Role, email: &str) -> AtDesk {
        let clinic = clinic::by_slug(&self.cx, slug).await.expect("read").expect("the clinic");
        let practitioner = role.has_schedule().then(|| clinic.practitioners().next().expect("a practitioner").id);
        let what = Appointing {
            tenant: clinic.tenant,
            clinic: Some(clinic.id),
            role,
            practitioner,
            name: Name::parse(role.label()).expect("a name"),
            email: Email::parse(email).expect("an address"),
        };
        let made = staff::appoint_from_machine(&self.cx, &what).await.expect("an invitation");
        let caller = self.patient(email).await;
        let token = made.link.rsplit('/').next().expect("a token").to_owned();
        caller.form("/fn/staff-join", &[("token", &token)]).await.expect(303);
        self.with_app(caller, email).await
    }

    /// Sets up an app for whoever just signed in, who is at their desk by it.
    pub async fn with_app(&self, caller: Caller, email: &str) -> AtDesk {
        let secret = staff::begin(&self.cx, &self.fresh(&caller).await).await.expect("a secret");
        let key = Key::try_from_base32(&secret.base32).expect("base 32");
        let app = Builder::new().with_secret(key).with_issuer(Some("Portico")).with_account_name(email);
        let app = app.build().expect("an app");
        let at = AtDesk { caller, email: email.to_owned(), app };
        let answer = at.caller.form("/fn/staff-app", &[("code", &at.code(self))]).await.expect(303);
        AtDesk { caller: at.caller.with_cookie_of(&answer), ..at }
    }

    /// Whoever proved a moment ago who they are.
    pub async fn fresh(&self, caller: &Caller) -> Fresh {
        let browser = self.browser(caller).await;
        let patient = browser.patient().expect("signed in").clone();
        fresh(&self.cx, &patient).await.expect("read").expect("a fresh proof")
    }

    pub async fn browser(&self, caller: &Caller) -> Browser {
        identity::browser(&self.cx, caller.cookie()).await.expect("read").expect("a session")
    }
}

impl AtDesk {
    /// What the app shows now.
    pub fn code(&self, app: &TestApp) -> String {
        let now = u64::try_from(app.cx.now().as_second()).expect("after 1970");
        self.app.generate(now).to_string()
    }
}
