//! The error of server functions: a code, and never what went wrong inside.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// What the browser is told when an action fails in a way no form can explain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    NotFound,
    /// The session ended; sign in again.
    SignIn,
    /// This needs a fresh proof that it is you.
    Again,
    BadRequest,
    TooMany,
    Internal,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not_found",
            Self::SignIn => "sign_in",
            Self::Again => "sign_in_again",
            Self::BadRequest => "bad_request",
            Self::TooMany => "too_many",
            Self::Internal => "internal",
        })
    }
}

impl Fault {
    const ALL: [Self; 6] = [Self::NotFound, Self::SignIn, Self::Again, Self::BadRequest, Self::TooMany, Self::Internal];

    /// From its code; `Internal` for what is no code.
    pub fn of(code: &str) -> Self {
        Self::ALL.into_iter().find(|fault| fault.to_string() == code).unwrap_or(Self::Internal)
    }
}

impl FromServerFnError for Fault {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::BadRequest
            }
            _ => Self::Internal,
        }
    }
}
