//! A little OpenID Connect provider that does what tests tell it, also what no honest one does.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ports::{Clock, FixedClock};
use ring::{
    digest, hmac,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair},
};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub const CLIENT: &str = "portico";
pub const SECRET: &str = "a secret of the client's";
/// PKCS #1; signs for nobody else.
const RSA: &[u8] = include_bytes!("../keys/only-for-tests.der");

/// What is wrong with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// Honest ones, with other algorithms than ES256.
    Rs256,
    Ps256,
    // Of what it says of itself.
    OtherIssuerFound,
    TokenEndpointElsewhere,
    KeysElsewhere,
    DiscoveryRedirects,
    DiscoverySlow,
    DiscoveryHuge,
    DiscoveryNonsense,
    // Of the token endpoint.
    TokenSlow,
    TokenHuge,
    TokenRedirects,
    TokenFails,
    NoIdToken,
    // Of the ID token.
    OtherIssuer,
    OtherAudience,
    MoreAudiences,
    OtherParty,
    Expired,
    MadeLater,
    MadeLongAgo,
    OtherNonce,
    NoNonce,
    NoSubject,
    AlgNone,
    AlgNoneWithSignature,
    HmacWithPublicKey,
    HmacWithSecret,
    UnknownKey,
    KeyAddress,
    OtherKey,
    Touched,
    Critical,
    OtherAccessToken,
    // Of the answer in the browser.
    OtherAnswerer,
    NoAnswerer,
}

/// What a code was given for.
struct Asked {
    nonce: String,
    challenge: String,
    redirect: String,
    claims: Map<String, Value>,
}

struct Inner {
    url: String,
    trap: String,
    clock: Arc<FixedClock>,
    trouble: Mutex<Trouble>,
    kid: Mutex<String>,
    key: Vec<u8>,
    stranger: Vec<u8>,
    codes: Mutex<HashMap<String, Asked>>,
    person: Mutex<Map<String, Value>>,
    hits: Mutex<Vec<String>>,
    trapped: Mutex<Vec<String>>,
}

/// Runs until it is dropped.
pub struct TestProvider {
    inner: Arc<Inner>,
    servers: Vec<JoinHandle<()>>,
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl TestProvider {
    pub async fn start(clock: &Arc<FixedClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let trap = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = |listener: &TcpListener| format!("http://{}", listener.local_addr().expect("an address"));
        let rng = SystemRandom::new();
        let new_key = || {
            let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).expect("a key");
            key.as_ref().to_vec()
        };
        let inner = Arc::new(Inner {
            url: address(&listener),
            trap: address(&trap),
            clock: Arc::clone(clock),
            trouble: Mutex::new(Trouble::None),
            kid: Mutex::new("first".to_owned()),
            key: new_key(),
            stranger: new_key(),
            codes: Mutex::default(),
            person: Mutex::default(),
            hits: Mutex::default(),
            trapped: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        let trapped = Router::new().fallback(any(fall)).with_state(Arc::clone(&inner));
        let serve = |listener, router: Router| {
            tokio::spawn(async move {
                axum::serve(listener, router).await.ok();
            })
        };
        Self { servers: vec![serve(listener, router), serve(trap, trapped)], inner }
    }

    pub fn issuer(&self) -> &str {
        &self.inner.url
    }

    pub fn has(&self, trouble: Trouble) {
        *self.inner.trouble.lock().expect("a lock") = trouble;
    }

    /// Who signs in next, by their claims.
    pub fn person(&self, claims: Value) {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        *self.inner.person.lock().expect("a lock") = claims;
    }

    /// Signs with a key under another name from now on.
    pub fn rotate(&self, kid: &str) {
        *self.inner.kid.lock().expect("a lock") = kid.to_owned();
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> usize {
        self.inner.hits.lock().expect("a lock").iter().filter(|hit| *hit == path).count()
    }

    /// What was asked of the machine that must not be asked.
    pub fn trapped(&self) -> Vec<String> {
        self.inner.trapped.lock().expect("a lock").clone()
    }

    /// The person signs in: answers where their browser is sent, as a path on our site.
    pub fn sign_in(&self, location: &str) -> String {
        let query = self.query(location);
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"), "{query:?}");
        let mut codes = self.inner.codes.lock().expect("a lock");
        let code = format!("code-{}", codes.len());
        let asked = Asked {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect: query["redirect_uri"].clone(),
            claims: self.inner.person.lock().expect("a lock").clone(),
        };
        codes.insert(code.clone(), asked);
        let iss = match *self.inner.trouble.lock().expect("a lock") {
            Trouble::OtherAnswerer => "&iss=https%3A%2F%2Felsewhere.example".to_owned(),
            Trouble::NoAnswerer => String::new(),
            _ => format!("&iss={}", self.inner.url.replace(':', "%3A").replace('/', "%2F")),
        };
        let path = query["redirect_uri"].strip_prefix("http://localhost:3000").expect("ours").to_owned();
        format!("{path}?code={code}&state={}{iss}", query["state"])
    }

    /// What the browser was sent to the provider with.
    pub fn query(&self, location: &str) -> HashMap<String, String> {
        let query = location.strip_prefix(&format!("{}/authorize?", self.inner.url)).expect("the provider's address");
        let decoded = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.bytes();
            while let Some(byte) = rest.next() {
                let hex = |b: Option<u8>| char::from(b.expect("hex")).to_digit(16).expect("hex");
                bytes.push(match byte {
                    b'+' => b' ',
                    b'%' => u8::try_from(hex(rest.next()) * 16 + hex(rest.next())).expect("a byte"),
                    other => other,
                });
            }
            String::from_utf8(bytes).expect("text")
        };
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (decoded(k), decoded(v))).collect()
    }
}

type Us = State<Arc<Inner>>;

async fn fall(State(us): Us, uri: Uri) -> &'static str {
    us.trapped.lock().expect("a lock").push(uri.to_string());
    "{}"
}

impl Inner {
    fn hit(&self, path: &str) -> Trouble {
        self.hits.lock().expect("a lock").push(path.to_owned());
        *self.trouble.lock().expect("a lock")
    }

    fn to_the_trap(&self) -> Response {
        Redirect::temporary(&format!("{}/latest/meta-data", self.trap)).into_response()
    }
}

async fn discovery(State(us): Us) -> Response {
    let mut found = json!({
        "issuer": us.url,
        "authorization_endpoint": format!("{}/authorize", us.url),
        "token_endpoint": format!("{}/token", us.url),
        "jwks_uri": format!("{}/keys", us.url),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "PS256"],
        "authorization_response_iss_parameter_supported": true,
    });
    match us.hit("/.well-known/openid-configuration") {
        Trouble::OtherIssuerFound => found["issuer"] = json!("https://elsewhere.example"),
        Trouble::TokenEndpointElsewhere => found["token_endpoint"] = json!(format!("{}/token", us.trap)),
        Trouble::KeysElsewhere => found["jwks_uri"] = json!(format!("{}/keys", us.trap)),
        Trouble::DiscoveryRedirects => return us.to_the_trap(),
        Trouble::DiscoverySlow => tokio::time::sleep(Duration::from_secs(20)).await,
        Trouble::DiscoveryHuge => return "x".repeat(5_000_000).into_response(),
        Trouble::DiscoveryNonsense => {
            return ([(header::CONTENT_TYPE, "application/json")], "{nonsense").into_response();
        }
        _ => {}
    }
    Json(found).into_response()
}

async fn keys(State(us): Us) -> Response {
    us.hit("/keys");
    let kid = us.kid.lock().expect("a lock").clone();
    let (x, y) = coordinates(&us.key);
    let rsa = RsaKeyPair::from_der(RSA).expect("a key");
    let public = PublicKeyComponents::<Vec<u8>>::from(rsa.public());
    let b64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let keys = json!({ "keys": [
        { "kty": "EC", "use": "sig", "alg": "ES256", "kid": kid, "crv": "P-256", "x": x, "y": y },
        { "kty": "RSA", "use": "sig", "kid": "rsa", "n": b64(&public.n), "e": b64(&public.e) },
    ] });
    Json(keys).into_response()
}

fn coordinates(key: &[u8]) -> (String, String) {
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &SystemRandom::new()).expect("a key");
    let point = key.public_key().as_ref();
    (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..65]))
}

async fn token(State(us): Us, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let trouble = us.hit("/token");
    match trouble {
        Trouble::TokenSlow => tokio::time::sleep(Duration::from_secs(20)).await,
        Trouble::TokenHuge => return "x".repeat(5_000_000).into_response(),
        Trouble::TokenRedirects => return us.to_the_trap(),
        Trouble::TokenFails => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => {}
    }
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let known = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    // Basic, with both parts encoded as in a form.
    let expected = format!("Basic {}", BASE64.encode(format!("{CLIENT}:{}", form_encoded(SECRET)).as_bytes()));
    if known != Some(expected.as_str()) {
        return refused("invalid_client");
    }
    // Each code works once.
    let asked = us.codes.lock().expect("a lock").remove(form.get("code").map(String::as_str).unwrap_or_default());
    let Some(asked) = asked else { return refused("invalid_grant") };
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let challenge = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
    if challenge != asked.challenge || form.get("redirect_uri") != Some(&asked.redirect) {
        return refused("invalid_grant");
    }
    let mut answer = json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 300 });
    if trouble != Trouble::NoIdToken {
        answer["id_token"] = json!(us.id_token(trouble, asked));
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn form_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b' ' => "+".to_owned(),
            b if b.is_ascii_alphanumeric() || b"*-._".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

impl Inner {
    fn id_token(&self, trouble: Trouble, asked: Asked) -> String {
        let now = self.clock.now().as_second();
        let mut claims = Map::from_iter([
            ("iss".to_owned(), json!(self.url)),
            ("aud".to_owned(), json!(CLIENT)),
            ("iat".to_owned(), json!(now)),
            ("exp".to_owned(), json!(now + 300)),
            ("auth_time".to_owned(), json!(now)),
            ("nonce".to_owned(), json!(asked.nonce)),
        ]);
        for (name, value) in asked.claims {
            match value {
                // A claim that is not said at all.
                Value::Null => drop(claims.remove(&name)),
                value => drop(claims.insert(name, value)),
            }
        }
        let mut set = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
        match trouble {
            Trouble::OtherIssuer => set("iss", json!("https://elsewhere.example")),
            Trouble::OtherAudience => set("aud", json!("another")),
            Trouble::MoreAudiences => set("aud", json!([CLIENT, "another"])),
            Trouble::OtherParty => set("azp", json!("another")),
            Trouble::Expired => set("exp", json!(now)),
            Trouble::MadeLater => set("iat", json!(now + 600)),
            Trouble::MadeLongAgo => set("iat", json!(now - 3600)),
            Trouble::OtherNonce => set("nonce", json!("another")),
            Trouble::NoSubject => set("sub", json!("")),
            Trouble::OtherAccessToken => set("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
            Trouble::NoNonce => drop(claims.remove("nonce")),
            _ => {}
        }
        let kid = self.kid.lock().expect("a lock").clone();
        let mut header = json!({ "alg": "ES256", "typ": "JWT", "kid": kid });
        match trouble {
            Trouble::Rs256 => header = json!({ "alg": "RS256", "kid": "rsa" }),
            Trouble::Ps256 => header = json!({ "alg": "PS256", "kid": "rsa" }),
            Trouble::AlgNone | Trouble::AlgNoneWithSignature => header["alg"] = json!("none"),
            Trouble::HmacWithPublicKey | Trouble::HmacWithSecret => header["alg"] = json!("HS256"),
            Trouble::UnknownKey => header["kid"] = json!("unknown"),
            Trouble::KeyAddress => {
                let (x, y) = coordinates(&self.stranger);
                header["jku"] = json!(format!("{}/keys", self.trap));
                header["x5u"] = json!(format!("{}/certificate", self.trap));
                header["jwk"] = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
            }
            Trouble::Critical => {
                header["crit"] = json!(["b64"]);
                header["b64"] = json!(true);
            }
            _ => {}
        }
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&Value::Object(claims.clone())));
        let signature = match trouble {
            Trouble::AlgNone => Vec::new(),
            Trouble::Rs256 => self.rsa(&RSA_PKCS1_SHA256, &signed),
            Trouble::Ps256 => self.rsa(&RSA_PSS_SHA256, &signed),
            Trouble::HmacWithSecret => mac(SECRET.as_bytes(), &signed),
            Trouble::HmacWithPublicKey => {
                let (x, y) = coordinates(&self.key);
                mac(format!("{x}{y}").as_bytes(), &signed)
            }
            Trouble::KeyAddress | Trouble::OtherKey => ecdsa(&self.stranger, &signed),
            _ => ecdsa(&self.key, &signed),
        };
        let signed = if trouble == Trouble::Touched {
            claims.insert("groups".to_owned(), json!(["boss"]));
            format!("{}.{}", part(&header), part(&Value::Object(claims)))
        } else {
            signed
        };
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    fn rsa(&self, how: &'static dyn ring::signature::RsaEncoding, text: &str) -> Vec<u8> {
        let key = RsaKeyPair::from_der(RSA).expect("a key");
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(how, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("a signature");
        signature
    }
}

fn ecdsa(key: &[u8], text: &str) -> Vec<u8> {
    let rng = SystemRandom::new();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &rng).expect("a key");
    key.sign(&rng, text.as_bytes()).expect("a signature").as_ref().to_vec()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}
