//! Single sign-on: a network's own identity provider says who somebody is and what they are here (OpenID Connect). `provider`
//! is what an administrator wrote down of it, `claims` reads what it says of somebody, `posts` makes the posts agree.
//!
//! Who somebody is, issuer and subject say together, never an address. They get an account of their own at the first time,
//! which no code by mail and no passkey opens; an account that somebody has already is never taken over, because what they
//! are as a patient, or elsewhere, is no business of this employer.

mod claims;
mod posts;
mod provider;

use domain::ids::{ClinicId, TenantId};
use ports::{Answered, ProviderError, SignOnRequest};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

pub(crate) use provider::is_only;
pub use provider::{
    Choice, Secret, SettingsError, choice_of, choices, redirect_uri, remove_provider, set_provider, shown_provider,
    try_provider,
};

use claims::Person;
use provider::Provider;

use crate::{
    audit::{self, Entry},
    cx::Cx,
    error::Internal,
    forms,
    who::{Actor, Browser, Vouched},
};

/// What waits for the answer, sealed, in the browser's form state.
const WAITING: &str = "staff-sign-on";
/// An answer must come within so long.
const LIFE_MS: i64 = 10 * 60_000;
/// Clocks differ.
const SKEW_MS: i64 = 60_000;

/// Where a browser is sent to: one network's provider.
#[derive(Clone, Debug)]
pub struct ProviderUrl(String);

impl ProviderUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct SignOnAnswer {
    pub state: String,
    pub code: String,
    pub iss: Option<String>,
    /// Instead of a code.
    pub error: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum SignOnError {
    /// Nobody asked in this browser, it was too long ago, or the answer was used.
    #[error("no answer is waited for")]
    Over,
    /// The network has no provider, or none any more.
    #[error("there is no provider")]
    NotHere,
    /// The person or the provider said no.
    #[error("the provider was told no")]
    Declined,
    #[error("the provider does not answer")]
    Away,
    /// What the provider says proves nothing.
    #[error("the provider's answer is not right")]
    Untrusted,
    /// Signed in otherwise than the network asks for, or not anew.
    #[error("the way of signing in is not enough")]
    Weak,
    /// Nothing of what the provider says gives a post.
    #[error("no post")]
    NoPost,
    /// The posts that the claims give were ended here by a person.
    #[error("the post was ended")]
    Ended,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl SignOnError {
    /// In audit rows and addresses.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::NotHere => "not-here",
            Self::Declined => "declined",
            Self::Away => "away",
            Self::Untrusted => "untrusted",
            Self::Weak => "weak",
            Self::NoPost => "no-post",
            Self::Ended => "ended",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<sea_orm::DbErr> for SignOnError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl crate::error::MayConflict for SignOnError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// An answer that counted.
#[derive(Clone, Debug)]
pub struct SignedOn {
    pub browser: Browser,
    /// The new cookie secret.
    pub token: String,
    /// Where the browser was going.
    pub next: String,
}

/// What waits in the browser's session. Of one browser and one question: a new one takes the old one's place.
#[derive(Debug, Deserialize, Serialize)]
struct Waiting {
    tenant: TenantId,
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    again: bool,
    at: i64,
}

/// Asks a network's provider who somebody is. `again`: they must sign in to it anew, as whoever opens a locked desk does.
pub async fn begin(
    cx: &Cx,
    browser: &Browser,
    network: &str,
    next: &str,
    again: bool,
) -> Result<ProviderUrl, SignOnError> {
    let provider = Provider::of_network(cx, network).await?.ok_or(SignOnError::NotHere)?;
    let waiting = Waiting {
        tenant: provider.tenant,
        state: cx.token(),
        nonce: cx.token(),
        verifier: cx.token(),
        next: next.to_owned(),
        again,
        at: cx.now_ms(),
    };
    let request = SignOnRequest {
        state: waiting.state.clone(),
        nonce: waiting.nonce.clone(),
        verifier: waiting.verifier.clone(),
        scopes: provider.settings.scopes.clone(),
        acr: provider.settings.acr.clone(),
        // A desk is open for whoever is there: whose proof is older than a desk stays open unattended proves it anew.
        max_age: Some(if again { 0 } else { u64::try_from(cx.config.staff_idle_minutes * 60).unwrap_or(0) }),
        again,
        now: cx.now(),
    };
    let url = cx.providers.begin(&provider.party(cx), &request).await.map_err(|error| told(&provider, &error))?;
    forms::save(cx, browser.session(), WAITING, &waiting).await?;
    Ok(ProviderUrl(url))
}

/// Where the browser was going whose answer this is; `None` when none is waited for.
pub async fn waiting_next(cx: &Cx, browser: &Browser) -> Result<Option<String>, Internal> {
    Ok(forms::load::<Waiting>(cx, browser.session(), WAITING).await?.map(|waiting| waiting.next))
}

/// Takes the provider's answer, once, and signs the browser in at the network's desks.
pub async fn finish(cx: &Cx, browser: &Browser, answer: &SignOnAnswer) -> Result<SignedOn, SignOnError> {
    let waiting: Waiting = forms::load(cx, browser.session(), WAITING).await?.ok_or(SignOnError::Over)?;
    // Compared before it is used up: whoever leads a browser here with a guess takes nothing away from it.
    if !bool::from(waiting.state.as_bytes().ct_eq(answer.state.as_bytes())) {
        return Err(SignOnError::Over);
    }
    let taken: Option<Waiting> = forms::take(cx, browser.session(), WAITING).await?;
    let waiting = taken.filter(|taken| taken.state == waiting.state).ok_or(SignOnError::Over)?;
    if !(waiting.at..waiting.at + LIFE_MS).contains(&cx.now_ms()) {
        return Err(SignOnError::Over);
    }
    let signed = sign_on(cx, browser, &waiting, answer).await;
    if let Err(error) = &signed {
        let actor = Actor { kind: "visitor", id: Some(browser.session().0) };
        let (action, entity, outcome) = ("staff.sign_on", "tenant", error.code());
        let entry = Entry { actor, action, entity, entity_id: Some(waiting.tenant.0), patient_id: None, outcome };
        audit::append_alone(cx, waiting.tenant, entry).await?;
    }
    signed
}

async fn sign_on(
    cx: &Cx,
    browser: &Browser,
    waiting: &Waiting,
    answer: &SignOnAnswer,
) -> Result<SignedOn, SignOnError> {
    let provider = Provider::of(cx, waiting.tenant).await?.ok_or(SignOnError::NotHere)?;
    if let Some(error) = &answer.error {
        tracing::info!(network = provider.network, error = error.escape_debug().to_string(), "the provider says no");
        return Err(SignOnError::Declined);
    }
    let answered = Answered {
        code: answer.code.clone(),
        verifier: waiting.verifier.clone(),
        nonce: waiting.nonce.clone(),
        iss: answer.iss.clone(),
        now: cx.now(),
    };
    let said = cx.providers.finish(&provider.party(cx), &answered).await.map_err(|error| told(&provider, &error))?;
    let proved_at = proved_at(cx, waiting, said.auth_time.map(|at| at.as_millisecond())).ok_or(SignOnError::Weak)?;
    let person = Person::read(&provider.settings, &said);
    if !person.way_is_enough(&provider.settings) {
        return Err(SignOnError::Weak);
    }
    let places = posts::places(cx, &provider, &person).await?;
    let token = cx.token();
    let (session, former) = (browser.session(), browser.account());
    let (person_ref, places_ref, token_ref) = (&person, &places[..], &token);
    let tenant = provider.tenant;
    let account = cx
        .db
        .write(|tx| async move {
            let outcome = posts::agree(cx, &tx, tenant, person_ref, places_ref).await?;
            if let Ok(account) = outcome {
                posts::sit_down(cx, &tx, (session, former), (tenant, account), token_ref, proved_at).await?;
            }
            // Posts that ended stay ended when nobody sits down.
            Ok::<_, Internal>(outcome)
        })
        .await?;
    let account = account.map_err(|why| match why {
        posts::Nothing::Given => SignOnError::NoPost,
        posts::Nothing::Left => SignOnError::Ended,
    })?;
    let browser = Browser::Vouched(Vouched { session, account, tenant });
    Ok(SignedOn { browser, token, next: waiting.next.clone() })
}

/// When the person proved who they are, which may be before they came here. `None`: not as lately as was asked for.
fn proved_at(cx: &Cx, waiting: &Waiting, auth_time: Option<i64>) -> Option<i64> {
    let now = cx.now_ms();
    match auth_time {
        Some(at) if at > now + SKEW_MS => None,
        // Clocks differ, and tokens tell whole seconds.
        Some(at) if waiting.again => (at >= waiting.at - SKEW_MS).then_some(at.min(now)),
        Some(at) => Some(at.min(now)),
        // It was asked for (OpenID Connect Core, 3.1.2.1), and without it nobody knows whether anybody is there.
        None => None,
    }
}

fn told(provider: &Provider, error: &ProviderError) -> SignOnError {
    tracing::warn!(network = provider.network, %error, "single sign-on failed");
    match error {
        ProviderError::Away(_) => SignOnError::Away,
        ProviderError::Code(_) | ProviderError::Untrusted(_) => SignOnError::Untrusted,
    }
}

/// A place that claims give, found at the clinics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    role: domain::staff::Role,
    clinic: Option<ClinicId>,
    practitioner: Option<domain::ids::ResourceId>,
}
