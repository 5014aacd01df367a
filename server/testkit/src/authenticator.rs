//! An authenticator in software, as browsers' passkey stores are: it makes one passkey and signs with it. Tests may
//! change any part of what it says before it is signed and sent.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

pub struct Authenticator {
    key: SigningKey,
    /// The credential's id.
    pub id: Vec<u8>,
    /// Whose it is.
    pub user: Vec<u8>,
    pub counter: u32,
}

/// What is about to be said.
#[derive(Clone, Debug)]
pub struct Saying {
    /// `webauthn.create` or `webauthn.get`.
    pub r#type: String,
    pub challenge: String,
    pub origin: String,
    pub cross_origin: bool,
    pub rp_id: String,
    pub flags: u8,
    pub counter: u32,
    /// COSE's number of the algorithm.
    pub algorithm: i8,
    pub id: Vec<u8>,
    pub user: Option<Vec<u8>>,
    /// Whether the signature is one bit off.
    pub forged: bool,
    /// JSON's `type`.
    pub kind: String,
}

impl Authenticator {
    /// `seed` makes the key.
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed.max(1); 32]).expect("a key");
        Self { key, id: vec![seed; 32], user: Vec::new(), counter: 0 }
    }

    /// Answers creation options (`PublicKeyCredentialCreationOptionsJSON`).
    pub fn make(&mut self, options: &Value, change: impl FnOnce(&mut Saying)) -> String {
        self.user = bytes(&options["user"]["id"]);
        let flags = PRESENT | VERIFIED | HAS_CREDENTIAL;
        let mut said = self.saying("webauthn.create", &options["challenge"], &options["rp"]["id"], flags);
        change(&mut said);
        let mut data = head(&said);
        data.extend([0; 16]);
        data.extend(u16::try_from(said.id.len()).expect("a short id").to_be_bytes());
        data.extend(&said.id);
        data.extend(self.public_key(said.algorithm));
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(data.len()).expect("short data").to_be_bytes());
        attestation.extend(&data);
        let response = json!({
            "attestationObject": text(&attestation),
            "clientDataJSON": text(&client_data(&said)),
            "transports": ["internal"],
        });
        credential(&said, &response)
    }

    /// Answers request options (`PublicKeyCredentialRequestOptionsJSON`).
    pub fn sign(&mut self, options: &Value, change: impl FnOnce(&mut Saying)) -> String {
        self.counter += 1;
        let mut said = self.saying("webauthn.get", &options["challenge"], &options["rpId"], PRESENT | VERIFIED);
        change(&mut said);
        let (client, data) = (client_data(&said), head(&said));
        let signed = [data.clone(), Sha256::digest(&client).to_vec()].concat();
        let signature: Signature = self.key.sign(&signed);
        let mut signature = signature.to_der().as_bytes().to_vec();
        if said.forged
            && let Some(last) = signature.last_mut()
        {
            *last ^= 1;
        }
        let response = json!({
            "authenticatorData": text(&data),
            "clientDataJSON": text(&client),
            "signature": text(&signature),
            "userHandle": said.user.as_deref().map(text),
        });
        credential(&said, &response)
    }

    fn saying(&self, what: &str, challenge: &Value, rp_id: &Value, flags: u8) -> Saying {
        let rp_id = rp_id.as_str().expect("whose passkey").to_owned();
        Saying {
            r#type: what.to_owned(),
            challenge: challenge.as_str().expect("a challenge").to_owned(),
            origin: format!("http://{rp_id}:3000"),
            cross_origin: false,
            rp_id,
            flags,
            counter: self.counter,
            algorithm: -7,
            id: self.id.clone(),
            user: Some(self.user.clone()),
            forged: false,
            kind: "public-key".to_owned(),
        }
    }

    /// COSE: {1: 2, 3: algorithm, -1: 1, -2: x, -3: y}
    fn public_key(&self, algorithm: i8) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let point = point.as_bytes();
        let algorithm = u8::try_from(-1 - i16::from(algorithm)).expect("a negative number") | 0x20;
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, algorithm, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..65]);
        key
    }
}

fn head(said: &Saying) -> Vec<u8> {
    let mut data = Sha256::digest(said.rp_id.as_bytes()).to_vec();
    data.push(said.flags);
    data.extend(said.counter.to_be_bytes());
    data
}

fn client_data(said: &Saying) -> Vec<u8> {
    let Saying { r#type, challenge, origin, cross_origin, .. } = said;
    json!({ "type": r#type, "challenge": challenge, "origin": origin, "crossOrigin": cross_origin })
        .to_string()
        .into_bytes()
}

fn credential(said: &Saying, response: &Value) -> String {
    let id = text(&said.id);
    json!({ "id": id, "rawId": id, "type": said.kind, "response": response, "clientExtensionResults": {} }).to_string()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(value.as_str().unwrap_or_default().as_bytes()).expect("base64url")
}
