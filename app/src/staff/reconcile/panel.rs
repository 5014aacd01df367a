//! Beside the board: the first questions about the clinic's own calendar, for whoever may answer them.

use jiff::civil::Date;
use leptos::prelude::*;
use portal::{
    reconcile::{self, Card as Question, Suggestion},
    staff::permission::{Reconcile, SeePatients},
};

use super::{calendar::fault, cards, words};
use crate::{
    request::Request,
    staff::gate::AtDesk,
    ui::{Card, Chip, Tone},
    wire::Fault,
};

const MOST: usize = 3;

/// `None`: there is nothing to decide, or it is not for them. Whoever answers is led back to the board of that day, or of
/// that resource's week.
pub(in crate::staff) async fn panel(
    request: &Request,
    at: &AtDesk,
    (day, of): (Date, Option<&str>),
) -> Result<Option<AnyView>, Fault> {
    let Some(permit) = at.desk.permit::<Reconcile>(&at.clinic).filter(|_| at.questions > 0) else { return Ok(None) };
    let sees = at.desk.permit::<SeePatients>(&at.clinic);
    let questions = reconcile::cards(&request.cx, &permit, sees.as_ref(), MOST).await.map_err(fault)?;
    let mut cards = Vec::with_capacity(questions.len());
    for question in &questions {
        let to = cards::suggestion(&request.cx, &permit, question).await?;
        cards.push(card(at, question, to, (day, of)));
    }
    let all = at.url("reconcile");
    Ok(Some(
        view! {
            <aside class="board-questions" aria-labelledby="questions">
                <h2 id="questions">
                    "Reconcile"
                    <Chip tone=Tone::Look label=format!("{} open", at.questions) />
                </h2>
                {cards}
                <p><a href=all>"All questions"</a></p>
            </aside>
        }
        .into_any(),
    ))
}

fn card(
    at: &AtDesk,
    question: &Question,
    to: Option<Suggestion>,
    (day, of): (Date, Option<&str>),
) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let (label, tone) = words::kind(&question.item.finding);
    let place = words::place(clinic, question);
    let story = words::story(clinic, question);
    let story = story.into_iter().map(|line| view! { <p dir="auto">{line}</p> }).collect_view();
    let back = view! {
        <input type="hidden" name="day" value=day.to_string() />
        <input type="hidden" name="of" value=of.unwrap_or_default().to_owned() />
    };
    let act = cards::suggested(at, question, to, back);
    let more = if act.is_some() { "More…" } else { "Answer it" };
    let id = format!("card-{}", question.item.id);
    // The other answers stand on the card itself, with what follows from each.
    let href = at.url(&format!("reconcile#card-{}", question.item.id));
    view! {
        <section class=format!("reconcile-card reconcile-{}", question.item.finding.kind())>
            <Card>
                <h3 id=id.clone()>
                    <Chip tone=tone label=label />
                    <span class="reconcile-when" dir="auto">{place}</span>
                </h3>
                {story}
                {act}
                <a class="button button-second" href=href aria-describedby=id>{more}</a>
            </Card>
        </section>
    }
}
