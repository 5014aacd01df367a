//! What a service asks whoever books: a referral, who pays, the clinic's own questions (booking rule 18).

use std::collections::BTreeMap;

use domain::booking::{Intake, Payer, Question, Said};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::Problem;

/// What is said to it. What the service does not ask does not matter. Each request has the three as fields of its own: serde
/// refuses no unknown ones beside a flattened struct, and a slip in a name must not count as "no".
pub fn said(referral: bool, paid_by: Option<&str>, answers: BTreeMap<String, bool>) -> Result<Intake, Problem> {
    let payer = paid_by.map(|text| {
        Payer::parse(text).ok_or_else(|| Problem::bad_request("`paid_by` must be public, private, self or unknown."))
    });
    Ok(Intake { referral, payer: payer.transpose()?, answers })
}

/// A question that is answered with yes or no.
#[derive(Serialize, ToSchema)]
pub struct QuestionModel {
    #[schema(example = "implant")]
    pub slug: String,
    #[schema(example = "Is there a pacemaker in your body?")]
    pub ask: String,
    /// The one answer with which the visit can be booked; null when either will do.
    pub answer: Option<bool>,
}

impl QuestionModel {
    pub fn of(question: &Question) -> Self {
        Self { slug: question.slug.clone(), ask: question.ask.clone(), answer: question.must_be }
    }
}

/// One thing that was said, in words.
#[derive(Serialize, ToSchema)]
pub struct SaidModel {
    #[schema(example = "Who pays")]
    pub asked: String,
    #[schema(example = "Public health insurance")]
    pub answer: String,
}

impl SaidModel {
    pub fn of(said: &Said) -> Self {
        Self { asked: said.asked.clone(), answer: said.answer.clone() }
    }
}
