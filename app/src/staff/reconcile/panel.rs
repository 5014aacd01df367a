//! Beside the board: the first questions about the clinic's own calendar, for whoever may answer them.

use leptos::prelude::*;
use portal::{
    reconcile::{self, Card as Question},
    staff::permission::{Reconcile, SeePatients},
};

use super::{calendar::fault, words};
use crate::{
    request::Request,
    staff::gate::AtDesk,
    ui::{Card, Chip, LinkButton, Tone},
    wire::Fault,
};

const MOST: usize = 3;

/// `None`: there is nothing to decide, or it is not for them.
pub(in crate::staff) async fn panel(request: &Request, at: &AtDesk) -> Result<Option<AnyView>, Fault> {
    let Some(permit) = at.desk.permit::<Reconcile>(&at.clinic).filter(|_| at.questions > 0) else { return Ok(None) };
    let sees = at.desk.permit::<SeePatients>(&at.clinic);
    let questions = reconcile::cards(&request.cx, &permit, sees.as_ref(), MOST).await.map_err(fault)?;
    let cards = questions.iter().map(|question| card(at, question)).collect_view();
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

fn card(at: &AtDesk, question: &Question) -> impl IntoView + use<> {
    let clinic = &at.clinic;
    let (label, tone) = words::kind(&question.item.finding);
    let place = words::place(clinic, question);
    let story = words::story(clinic, question);
    let story = story.into_iter().map(|line| view! { <p dir="auto">{line}</p> }).collect_view();
    // The answers stand on the card itself, with what follows from each.
    let href = at.url(&format!("reconcile#card-{}", question.item.id));
    view! {
        <section class=format!("reconcile-card reconcile-{}", question.item.finding.kind())>
            <Card>
                <h3>
                    <Chip tone=tone label=label />
                    <span class="reconcile-when" dir="auto">{place}</span>
                </h3>
                {story}
                <LinkButton href=href label="Answer it" secondary=true />
            </Card>
        </section>
    }
}
