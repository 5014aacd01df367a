//! What a service asks whoever books (booking rule 18): a referral, who pays, the clinic's own questions. The same fields
//! serve the booking, the waitlist and the desk.

use std::collections::BTreeMap;

use domain::booking::{Eligibility, Intake, Payer, Question};
use jiff::tz::TimeZone;
use leptos::prelude::*;

use crate::{
    forms::FormState,
    ui::{Checkbox, RadioItem, Radios, SummaryItem},
};

const REFERRAL: &str = "referral";
const PAYER: &str = "paid-by";
const ANSWER: &str = "answer-";

fn answer_name(question: &Question) -> String {
    format!("{ANSWER}{}", question.slug)
}

/// What the fields are called, in their order.
pub(crate) fn names(who: &Eligibility) -> Vec<String> {
    let referral = who.referral.then(|| REFERRAL.to_owned());
    let payer = (!who.payers.is_empty()).then(|| PAYER.to_owned());
    referral.into_iter().chain(payer).chain(who.questions.iter().map(answer_name)).collect()
}

/// Whether a mistake is in one of them.
pub(crate) fn is_field(name: &str) -> bool {
    name == REFERRAL || name == PAYER || name.starts_with(ANSWER)
}

/// What is true of one visit may be wrong of the next: it is asked anew.
pub(crate) fn forget_answers(state: &mut FormState) {
    state.values.retain(|name, _| !name.starts_with(ANSWER));
}

/// As the fields show it.
pub(crate) fn filled(intake: &Intake) -> BTreeMap<String, String> {
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let answers = intake.answers.iter().map(|(slug, yes)| (format!("{ANSWER}{slug}"), yes_no(*yes)));
    let payer = intake.payer.map(|payer| (PAYER.to_owned(), payer.as_str().to_owned()));
    let referral = intake.referral.then(|| (REFERRAL.to_owned(), "yes".to_owned()));
    answers.chain(payer).chain(referral).collect()
}

/// The fields, as far as the service asks. `own`: the patient is spoken to, not of.
pub(crate) fn fields(state: &FormState, who: &Eligibility, own: bool) -> impl IntoView + use<> {
    let referral = who.referral.then(|| {
        let label = if own { "I have a referral for this visit" } else { "There is a referral for this visit" };
        view! {
            <Checkbox
                name=REFERRAL
                label=label
                hint="Bring it with you."
                checked=state.value(REFERRAL) == "yes"
                error=state.error(REFERRAL)
            />
        }
    });
    let payer = (!who.payers.is_empty()).then(|| {
        let all = [Payer::Public, Payer::Private, Payer::Unknown, Payer::Own];
        let items = all.map(|payer| RadioItem::new(payer.as_str(), payer.label())).to_vec();
        view! {
            <Radios
                name=PAYER
                legend="Who pays for this visit?"
                items=items
                value=state.value(PAYER)
                error=state.error(PAYER)
            />
        }
    });
    let questions = who.questions.iter().map(|question| {
        let name = answer_name(question);
        let items = vec![RadioItem::new("yes", "Yes"), RadioItem::new("no", "No")];
        let (value, error) = (state.value(&name), state.error(&name));
        view! { <Radios name=name legend=question.ask.clone() items=items value=value error=error /> }
    });
    let questions = questions.collect_view();
    view! {
        {referral}
        {payer}
        {questions}
    }
}

/// What was said. Notes everything that is missing or will not do, in the order of the fields.
pub(crate) fn read(state: &mut FormState, who: &Eligibility, zone: &TimeZone) -> Intake {
    let answer = |question: &Question| match state.value(&answer_name(question)).as_str() {
        "yes" => Some((question.slug.clone(), true)),
        "no" => Some((question.slug.clone(), false)),
        _ => None,
    };
    let intake = Intake {
        referral: state.value(REFERRAL) == "yes",
        payer: Payer::parse(&state.value(PAYER)),
        answers: who.questions.iter().filter_map(answer).collect(),
    };
    if who.referral && !intake.referral {
        state.fail(REFERRAL, "You need a referral for this visit. Tick the box if you have one");
    }
    match who.payer_refusal(intake.payer) {
        Some(_) if intake.payer.is_none() => state.fail(PAYER, "Choose who pays for this visit"),
        Some(other) => state.fail(PAYER, other.sentence(zone)),
        None => {}
    }
    for question in &who.questions {
        let given = intake.answers.get(&question.slug).copied();
        match question.refusal(given) {
            // Of several that are not answered the list of mistakes says which.
            Some(_) if given.is_none() => {
                state.fail(&answer_name(question), format!("Answer yes or no: {}", question.ask));
            }
            Some(other) => state.fail(&answer_name(question), other.sentence(zone)),
            None => {}
        }
    }
    intake
}

/// For looking at once more, with the way back to each field.
pub(crate) fn summary(who: &Eligibility, intake: &Intake, form: &str) -> Vec<SummaryItem> {
    let said = names(who).into_iter().zip(who.said(intake));
    said.map(|(name, said)| {
        let change = format!("the answer: {}", said.asked);
        SummaryItem::new(said.asked, said.answer).change(format!("{form}#{name}"), change)
    })
    .collect()
}
