//! On a visit's own page: the code to check in with, then the ticket and whose turn it is.

use domain::booking::Place;
use leptos::prelude::*;
use portal::{
    arrivals::{MyTurn, my_turn, shown_code},
    visits::Visit,
};

use crate::{
    request::Request,
    ui::{LinkButton, Qr},
    visits::clock,
    wire::Fault,
};

/// What there is to say on the visit's day; nothing on others.
pub(crate) async fn section(request: &Request, visit: &Visit) -> Result<Option<AnyView>, Fault> {
    if let Some(turn) = my_turn(&request.cx, visit).await? {
        return Ok(Some(turn_view(visit, &turn)));
    }
    let Some(shown) = shown_code(&request.cx, visit).await? else { return Ok(None) };
    Ok(Some(
        view! {
            <section class="card check-in" aria-labelledby="check-in">
                <h2 id="check-in">"Check in at the desk"</h2>
                <p>"Show this when you come. It finds your visit, and says nothing to anybody else."</p>
                <Qr text=shown.link label="QR code to check in with at the desk" />
                <p>"If it cannot be scanned: "<strong class="nobr"><bdi>{shown.code.in_fours()}</bdi></strong></p>
            </section>
        }
        .into_any(),
    ))
}

fn turn_view(visit: &Visit, turn: &MyTurn) -> AnyView {
    let words = match (turn.place, &turn.room) {
        (Place::Called, Some(room)) => format!("Please go to {room} now."),
        (Place::Called, None) => format!("Please go in to {} now.", visit.practitioner),
        (Place::InRoom, _) => "You are in.".to_owned(),
        (Place::Waiting, _) => match turn.before {
            0 => "You are next.".to_owned(),
            1 => "One person is before you.".to_owned(),
            n => format!("{n} people are before you."),
        },
    };
    let wait = turn.wait.filter(|_| turn.place == Place::Waiting).map(|minutes| match minutes {
        0 => " It should not be long.".to_owned(),
        minutes => format!(" It takes about {minutes} minutes."),
    });
    let since = match turn.checked_in {
        Some(at) => format!("You are checked in since {}.", clock(&visit.clinic, at)),
        None => format!("The clinic knows since {} that you are here.", clock(&visit.clinic, turn.arrived)),
    };
    let page = format!("/visits/{}", visit.id);
    let waits = turn.place != Place::InRoom;
    view! {
        <section class="card check-in" aria-labelledby="ticket">
            <h2 id="ticket">"Your ticket"</h2>
            <p class="ticket ticket-large">{turn.ticket.clone()}</p>
            <p><strong dir="auto">{words}</strong>{wait}</p>
            <p>{since}" You are called by your ticket, not by your name."</p>
            {waits.then(|| view! { <p class="actions"><LinkButton href=page label="Look again" secondary=true /></p> })}
        </section>
    }
    .into_any()
}
