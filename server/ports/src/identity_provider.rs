use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Us, as one provider knows us.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    /// Besides the issuer's: `host`, or `host:port` where the port is not HTTPS's. No other host is asked.
    pub hosts: Vec<String>,
    /// Where the provider sends the browser back to, to the letter.
    pub redirect_uri: String,
    /// Also by plain HTTP, on this machine: for trying things out.
    pub plain_here: bool,
}

/// What the provider is asked for. The first three are drawn anew each time and belong to one browser.
#[derive(Clone, Debug)]
pub struct SignOnRequest {
    pub state: String,
    pub nonce: String,
    /// Of PKCE; only its SHA-256 is sent now.
    pub verifier: String,
    /// Besides `openid`.
    pub scopes: Vec<String>,
    pub acr: Vec<String>,
    /// The person must have signed in to the provider within so many seconds.
    pub max_age: Option<u64>,
    /// The person must sign in anew, whoever is signed in there.
    pub again: bool,
    pub now: Timestamp,
}

/// What came back with the browser, and what was kept for it.
#[derive(Clone, Debug)]
pub struct Answered {
    pub code: String,
    pub verifier: String,
    pub nonce: String,
    /// Who answers (RFC 9207), when the provider says so.
    pub iss: Option<String>,
    pub now: Timestamp,
}

/// What a provider says of somebody, its signature and terms being in order.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub issuer: String,
    /// With the issuer it names a person for ever; an address may become another person's.
    pub subject: String,
    /// When the person signed in to the provider, if it says so.
    pub auth_time: Option<Timestamp>,
    /// All claims of the ID token.
    pub claims: Map<String, Value>,
}

/// The texts are for logs: they hold no secret and name nobody.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// Not there, too slow, or answering what cannot be read: later it may work.
    #[error("the provider does not answer as it should: {0}")]
    Away(String),
    /// The code does not count: used, too old, or another browser's.
    #[error("the provider refuses the code: {0}")]
    Code(String),
    /// What it says proves nothing.
    #[error("what the provider says proves nothing: {0}")]
    Untrusted(String),
}

/// An OpenID Connect provider: the authorization code flow with PKCE.
pub trait IdentityProvider: Send + Sync {
    /// Where to send the browser.
    fn begin<'a>(
        &'a self,
        party: &'a RelyingParty,
        request: &'a SignOnRequest,
    ) -> BoxFuture<'a, Result<String, ProviderError>>;

    /// Exchanges the code for an ID token and checks that.
    fn finish<'a>(
        &'a self,
        party: &'a RelyingParty,
        answered: &'a Answered,
    ) -> BoxFuture<'a, Result<Vouched, ProviderError>>;
}

/// For where nobody signs in by a provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProviders;

impl IdentityProvider for NoProviders {
    fn begin<'a>(&'a self, _: &'a RelyingParty, _: &'a SignOnRequest) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async { Err(ProviderError::Away("there is none".to_owned())) })
    }

    fn finish<'a>(&'a self, _: &'a RelyingParty, _: &'a Answered) -> BoxFuture<'a, Result<Vouched, ProviderError>> {
        Box::pin(async { Err(ProviderError::Away("there is none".to_owned())) })
    }
}
