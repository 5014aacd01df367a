//! The field for a code of six digits, and what is said of a code that is not right. Every page that asks for one has it.

use domain::person::typed_code;
use leptos::prelude::*;
use portal::identity::CodeError;

use crate::{forms::FormState, ui::TextField};

#[component]
pub(crate) fn CodeField(state: FormState) -> impl IntoView {
    view! {
        <TextField
            name="code"
            label="Code"
            value=state.value("code")
            error=state.error("code")
            autocomplete="one-time-code"
            inputmode="numeric"
            width=7
        />
    }
}

/// Nobody is to wait for a code that was not sent, and there are other ways in.
pub(crate) fn too_many_codes() -> &'static str {
    "Many codes were asked for in a short time. Use the newest code we sent, a passkey, or a phone or computer on which \
     you signed in before. Or wait an hour and ask again"
}

/// What can be seen without spending a try.
pub(crate) fn code_mistake(typed: &str) -> Option<&'static str> {
    let digits = typed_code(typed);
    if digits.is_empty() {
        Some("Enter the code from the email")
    } else if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        Some("The code has six digits, like 123 456")
    } else {
        None
    }
}

pub(crate) fn code_refusal(error: &CodeError) -> String {
    match error {
        CodeError::Wrong { left } if *left > 1 => {
            format!("This is not the code we sent. Check it and try again. You have {left} tries left")
        }
        CodeError::Wrong { left: 1 } => {
            "This is not the code we sent. Check it and try again. You have one try left".to_owned()
        }
        CodeError::Wrong { .. } => {
            "This was not the code we sent, and it no longer works. Ask for a new code".to_owned()
        }
        _ => "This code has run out. Ask for a new code".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_digits_spend_a_try() {
        assert_eq!(code_mistake("123 456"), None);
        assert_eq!(code_mistake("123-456 "), None);
        assert_eq!(code_mistake("١٢٣ ٤٥٦"), None);
        assert_eq!(code_mistake("  "), Some("Enter the code from the email"));
        for typed in ["12345", "1234567", "12345a", "½23456"] {
            assert_eq!(code_mistake(typed), Some("The code has six digits, like 123 456"), "{typed}");
        }
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        assert!(code_refusal(&CodeError::Wrong { left: 1 }).ends_with("one try left"));
        for error in [CodeError::Wrong { left: 0 }, CodeError::Expired, CodeError::TooMany] {
            assert!(code_refusal(&error).ends_with("Ask for a new code"));
        }
    }
}
