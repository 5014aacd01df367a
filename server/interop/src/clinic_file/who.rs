//! `[services.who]`: who may book, and what they are asked.

use domain::{
    booking::{Eligibility, Payer, Question},
    patient::AdministrativeGender,
};

use super::section::Section;
use super::text::Line;
use super::value::{Choice, Count, Flag, Slug};

pub(super) const WHO: &[&str] = &["established", "sex", "min_age", "max_age", "referral", "paid_by", "questions"];
pub(super) const QUESTION: &[&str] = &["slug", "ask", "answer", "otherwise"];
const AGE: Count = Count(0, 130);
const SEX: Choice<AdministrativeGender> =
    Choice(&[("female", AdministrativeGender::Female), ("male", AdministrativeGender::Male)]);
const PAYER: Choice<Payer> = Choice(&[("public", Payer::Public), ("private", Payer::Private), ("self", Payer::Own)]);
const ANSWER: Choice<bool> = Choice(&[("yes", true), ("no", false)]);
/// More nobody answers on a phone.
const QUESTIONS: usize = 8;

pub(super) fn read(at: &Section<'_>) -> Eligibility {
    let who = Eligibility {
        established: at.get("established", Flag),
        sex: at.get("sex", SEX),
        min_age: at.get("min_age", AGE),
        max_age: at.get("max_age", AGE),
        referral: at.get("referral", Flag).unwrap_or_default(),
        payers: at.list("paid_by", PAYER, 3),
        questions: questions(at),
    };
    if let (Some(least), Some(most)) = (who.min_age, who.max_age)
        && least > most
    {
        let wrong = format!("{least} is more than max_age, which is {most}");
        at.wrong("min_age", wrong, format!("a whole number from 0 to {most}"));
    }
    if at.field("paid_by").is_some_and(|field| field.is_list()) && who.payers.is_empty() && !at.is_troubled() {
        at.wrong("paid_by", "this is empty", "at least one of public, private, self; or leave it out");
    }
    who
}

fn questions(at: &Section<'_>) -> Vec<Question> {
    let sections = at.tables("questions", QUESTION);
    if sections.len() > QUESTIONS {
        at.wrong("questions", format!("{} questions", sections.len()), format!("at most {QUESTIONS}"));
    }
    let mut all: Vec<Question> = Vec::new();
    for section in &sections {
        let question = question(section);
        if !question.slug.is_empty() && all.iter().any(|other| other.slug == question.slug) {
            section.wrong("slug", format!("{} is the slug of two questions", question.slug), "another slug");
        }
        all.push(question);
    }
    all
}

fn question(at: &Section<'_>) -> Question {
    let must_be = at.get("answer", ANSWER);
    let otherwise = at.get("otherwise", Line(300));
    match (at.field("answer").is_some(), at.field("otherwise").is_some()) {
        (true, false) => {
            at.missing("otherwise", "what the patient reads whose answer is another: why not, and what to do");
        }
        (false, true) => at.missing("answer", "yes or no: the answer with which the visit can be booked"),
        _ => {}
    }
    Question {
        slug: at.must("slug", Slug),
        ask: at.must("ask", Line(200)),
        must_be,
        otherwise: otherwise.unwrap_or_default(),
    }
}
