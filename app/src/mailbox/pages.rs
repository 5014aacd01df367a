//! The list of messages and one message.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    links::{Part, parts},
    store::{self, Mail},
};
use crate::{
    error::fault_page,
    request::{DemoMailbox, Request},
    ui::{Notice, Page, RowLink, SummaryItem, SummaryList, Tone, param},
    wire::Fault,
};

#[component]
pub fn MailboxPage() -> impl IntoView {
    match use_context::<DemoMailbox>() {
        Some(folder) => list(store::newest(&folder.0)),
        None => fault_page(&Request::current(), &Fault::NotFound),
    }
}

#[component]
pub fn MailPage() -> impl IntoView {
    let mail = use_context::<DemoMailbox>().and_then(|folder| store::read(&folder.0, &param("mail")));
    match mail {
        Some(mail) => message(mail),
        None => fault_page(&Request::current(), &Fault::NotFound),
    }
}

fn list(mails: Vec<Mail>) -> AnyView {
    let none = mails.is_empty();
    let rows = mails
        .into_iter()
        .map(|mail| {
            let href = format!("/dev/mailbox/{}", mail.id);
            let detail = format!("To {} · {}", mail.to, at(&mail.at));
            view! { <li><RowLink href=href title=mail.subject detail=detail /></li> }
        })
        .collect_view();
    view! {
        <Page title="Demo mailbox" back=("/", "Find a clinic")>
            <h1>"Demo mailbox"</h1>
            {about()}
            {if none {
                view! {
                    <section class="card empty">
                        <h2>"No messages yet"</h2>
                        <p>"Book a visit or sign in, and the message shows up here. Reload the page to look again."</p>
                    </section>
                }
                .into_any()
            } else {
                view! { <ul class="card rows">{rows}</ul> }.into_any()
            }}
        </Page>
    }
    .into_any()
}

fn about() -> impl IntoView {
    view! {
        <Notice tone=Tone::Note title="This is a demo">
            <p>"No email leaves this computer. What Portico would have sent is kept here, whoever it is for."</p>
        </Notice>
    }
}

/// The plain text: the same words as the HTML part, and nothing in it can run.
fn message(mail: Mail) -> AnyView {
    let text = parts(&mail.text)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => view! { {text} }.into_any(),
            Part::Link(link) => view! { <a href=link.clone()>{link.clone()}</a> }.into_any(),
        })
        .collect_view();
    let mut rows = vec![
        SummaryItem::new("To", mail.to),
        SummaryItem::new("From", mail.from),
        SummaryItem::new("Sent", at(&mail.at)),
    ];
    if mail.ics.is_some() {
        rows.push(SummaryItem::new("With it", "A calendar entry (invite.ics)"));
    }
    view! {
        <Page title="Message" subtitle="Demo mailbox" back=("/dev/mailbox", "Demo mailbox")>
            <h1 dir="auto">{mail.subject}</h1>
            <SummaryList items=rows />
            <div class="card mail" dir="auto">{text}</div>
            {about()}
        </Page>
    }
    .into_any()
}

/// "2026-11-22 09:30:00 UTC": a developer's clock.
fn at(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
