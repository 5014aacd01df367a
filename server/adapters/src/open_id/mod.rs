//! OpenID Connect by the `openidconnect` crate: discovery, authorization code with PKCE, and an ID token that is believed
//! only with a signature of the provider's own keys, by one of three algorithms.

mod fetch;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use jiff::Timestamp;
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AuthType, AuthenticationContextClass,
    AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, JsonWebKeySet, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RequestTokenError, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, core::*, url::Url,
};
use openidconnect::{ClaimsVerificationError, SignatureVerificationError};
use ports::{Answered, IdentityProvider, ProviderError, RelyingParty, SignOnRequest, Vouched};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex as AsyncMutex;

use fetch::{Allowed, Asking, Fetch};

/// What a provider says of itself is asked anew after so long.
const KNOWN_MS: i64 = 60 * 60_000;
/// Keys of which a token names one that is not known are asked for no oftener.
const KEYS_MS: i64 = 60_000;
/// Clocks differ.
const SKEW_S: i64 = 60;
/// A token is read as soon as it was made.
const OLDEST_S: i64 = 10 * 60;

/// What else stands in a discovery document.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Further {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Further {}

/// Claims that no standard names, such as roles.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct OwnClaims {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for OwnClaims {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Fields = IdTokenFields<
    OwnClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Party = Client<
    OwnClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type IdToken =
    openidconnect::IdToken<OwnClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = openidconnect::IdTokenClaims<OwnClaims, CoreGenderClaim>;

/// A provider's discovery document with its keys, and when each was read.
struct Known {
    metadata: Metadata,
    read_at: i64,
    keys_at: i64,
}

type Slot = Arc<AsyncMutex<Option<Known>>>;

/// Remembers for an hour what providers say of themselves.
pub struct OpenIdConnect {
    fetch: Fetch,
    /// By issuer. There are as many as networks have providers.
    known: Mutex<HashMap<String, Slot>>,
}

impl OpenIdConnect {
    /// `patience`: for each request to a provider.
    pub fn new(patience: Duration) -> Result<Self, String> {
        Ok(Self { fetch: Fetch::new(patience)?, known: Mutex::default() })
    }

    fn slot(&self, issuer: &str) -> Slot {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(issuer.to_owned()).or_default())
    }

    fn asking(&self, party: &RelyingParty) -> Result<Asking, ProviderError> {
        let issuer = Url::parse(&party.issuer).map_err(away)?;
        let allowed = Allowed::new(&issuer, &party.hosts, party.plain_here);
        Ok(Asking { fetch: self.fetch.clone(), allowed })
    }

    async fn metadata(&self, party: &RelyingParty, now: Timestamp) -> Result<Metadata, ProviderError> {
        let now = now.as_millisecond();
        let slot = self.slot(&party.issuer);
        let mut slot = slot.lock().await;
        if let Some(known) = slot.as_ref().filter(|known| (known.read_at..known.read_at + KNOWN_MS).contains(&now)) {
            return Ok(known.metadata.clone());
        }
        let asking = self.asking(party)?;
        let issuer = IssuerUrl::new(party.issuer.clone()).map_err(away)?;
        let metadata = Metadata::discover_async(issuer, &asking).await.map_err(told)?;
        // Also those that the browser is sent to, and those that are asked later.
        let endpoints = [Some(metadata.authorization_endpoint().url()), metadata.token_endpoint().map(|e| e.url())];
        for url in endpoints.into_iter().flatten() {
            asking.allowed.check(url).map_err(away)?;
        }
        *slot = Some(Known { metadata: metadata.clone(), read_at: now, keys_at: now });
        Ok(metadata)
    }

    /// The provider's keys as of now; `None` when they were read a moment ago.
    async fn newer_keys(&self, party: &RelyingParty, now: Timestamp) -> Result<Option<Metadata>, ProviderError> {
        let now = now.as_millisecond();
        let slot = self.slot(&party.issuer);
        let mut slot = slot.lock().await;
        let Some(known) = slot.as_mut().filter(|known| now - known.keys_at >= KEYS_MS) else { return Ok(None) };
        // Before it is tried: a provider that does not answer is asked no oftener.
        known.keys_at = now;
        let asking = self.asking(party)?;
        let keys = JsonWebKeySet::fetch_async(known.metadata.jwks_uri(), &asking).await.map_err(told)?;
        known.metadata = known.metadata.clone().set_jwks(keys);
        Ok(Some(known.metadata.clone()))
    }

    async fn url(&self, party: &RelyingParty, request: &SignOnRequest) -> Result<String, ProviderError> {
        let metadata = self.metadata(party, request.now).await?;
        let client = client(party, metadata)?;
        let (state, nonce) = (request.state.clone(), request.nonce.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(request.verifier.clone()));
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut asked = client
            .authorize_url(flow, move || CsrfToken::new(state), move || Nonce::new(nonce))
            .set_pkce_challenge(challenge)
            .add_scopes(request.scopes.iter().cloned().map(Scope::new));
        for acr in &request.acr {
            asked = asked.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        if let Some(seconds) = request.max_age {
            asked = asked.set_max_age(Duration::from_secs(seconds));
        }
        if request.again {
            asked = asked.add_prompt(CoreAuthPrompt::Login);
        }
        Ok(asked.url().0.to_string())
    }

    async fn exchange(&self, party: &RelyingParty, answered: &Answered) -> Result<Vouched, ProviderError> {
        let metadata = self.metadata(party, answered.now).await?;
        let says_who = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match &answered.iss {
            Some(iss) if *iss != party.issuer => return Err(untrusted("the answer is another provider's")),
            None if says_who => return Err(untrusted("the answer does not say whose it is")),
            _ => {}
        }
        let client = client(party, metadata)?;
        let asking = self.asking(party)?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(answered.code.clone()))
            .map_err(away)?
            .set_pkce_verifier(PkceCodeVerifier::new(answered.verifier.clone()))
            .request_async(&asking)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(said) => ProviderError::Code(said.error().to_string()),
                RequestTokenError::Request(error) => away(error),
                other => away(other),
            })?;
        let token = tokens.id_token().ok_or_else(|| untrusted("there is no ID token"))?;
        let (client, claims) = match checked(&client, token, answered) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                // The provider may have new keys.
                let newer = self.newer_keys(party, answered.now).await?;
                let client = match newer {
                    Some(metadata) => self::client(party, metadata)?,
                    None => client,
                };
                let claims = checked(&client, token, answered).map_err(|e| untrusted(&e.to_string()))?;
                (client, claims)
            }
            other => {
                let claims = other.map_err(|e| untrusted(&e.to_string()))?;
                (client, claims)
            }
        };
        if let Some(expected) = claims.access_token_hash() {
            let verifier = client.id_token_verifier();
            let alg = token.signing_alg().map_err(|e| untrusted(&e.to_string()))?;
            let key = token.signing_key(&verifier).map_err(|e| untrusted(&e.to_string()))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key);
            if actual.map_err(|e| untrusted(&e.to_string()))? != *expected {
                return Err(untrusted("the access token is another's"));
            }
        }
        vouched(party, &claims)
    }
}

impl IdentityProvider for OpenIdConnect {
    fn begin<'a>(
        &'a self,
        party: &'a RelyingParty,
        request: &'a SignOnRequest,
    ) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(self.url(party, request))
    }

    fn finish<'a>(
        &'a self,
        party: &'a RelyingParty,
        answered: &'a Answered,
    ) -> BoxFuture<'a, Result<Vouched, ProviderError>> {
        Box::pin(self.exchange(party, answered))
    }
}

fn client(party: &RelyingParty, metadata: Metadata) -> Result<Party, ProviderError> {
    let methods = metadata.token_endpoint_auth_methods_supported().cloned();
    // Where nothing is said, it is basic.
    let basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
    let secret = party.client_secret.clone().map(ClientSecret::new);
    let client = Party::from_provider_metadata(metadata, ClientId::new(party.client_id.clone()), secret);
    let redirect = RedirectUrl::new(party.redirect_uri.clone()).map_err(away)?;
    let how = if basic { AuthType::BasicAuth } else { AuthType::RequestBody };
    Ok(client.set_redirect_uri(redirect).set_auth_type(how))
}

/// Whether the token is the provider's, for us, for this browser's request, and of now. The key comes from the provider's
/// own set alone: what the token's header says of keys elsewhere (`jku`, `x5u`, `jwk`) is not looked at.
fn checked(client: &Party, token: &IdToken, answered: &Answered) -> Result<Claims, ClaimsVerificationError> {
    let now = moment(answered.now);
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        ])
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |made| {
            let age = (now - made).num_seconds();
            if (-SKEW_S..=OLDEST_S).contains(&age) { Ok(()) } else { Err(format!("made {age} seconds ago")) }
        });
    let claims = token.claims(&verifier, &Nonce::new(answered.nonce.clone()))?.clone();
    let other = claims.authorized_party().is_some_and(|party| **party != **client.client_id());
    if other {
        return Err(ClaimsVerificationError::InvalidAudience("it was made for another party".to_owned()));
    }
    Ok(claims)
}

fn vouched(party: &RelyingParty, claims: &Claims) -> Result<Vouched, ProviderError> {
    let auth_time = claims.auth_time().map(|at| Timestamp::from_second(at.timestamp())).transpose().map_err(away)?;
    let subject = claims.subject().as_str().to_owned();
    if subject.is_empty() || subject.len() > 255 {
        return Err(untrusted("the subject is none"));
    }
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => Ok(Vouched { issuer: party.issuer.clone(), subject, auth_time, claims }),
        _ => Err(untrusted("the claims are none")),
    }
}

fn moment(now: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(now.as_second(), 0).unwrap_or_default()
}

fn away(error: impl std::fmt::Display) -> ProviderError {
    ProviderError::Away(error.to_string())
}

/// With what is behind it: "request failed" alone helps no administrator.
fn told(error: impl std::error::Error) -> ProviderError {
    let behind = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    ProviderError::Away(format!("{error}{behind}"))
}

fn untrusted(why: &str) -> ProviderError {
    ProviderError::Untrusted(why.to_owned())
}
