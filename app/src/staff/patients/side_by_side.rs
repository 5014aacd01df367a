//! Two charts, or a chart and what an account's owner says, line by line.

use domain::words;
use leptos::prelude::*;
use portal::patients::{About, ChartRecord, MatchCase};

use super::chart::address;
use crate::staff::gate::AtDesk;

/// What one line says on both sides.
type Line = (&'static str, String, String);

pub(super) fn side_by_side(at: &AtDesk, case: &MatchCase) -> impl IntoView + use<> {
    let account = |connected: bool| if connected { "Yes" } else { "None" }.to_owned();
    let (left, right, lines): (&str, &str, Vec<Line>) = match &case.about {
        About::Duplicate(_, other, other_connected) => {
            let mut lines = both(of_chart(at, &case.record), of_chart(at, other));
            lines.push(("Portal account", account(case.connected), account(*other_connected)));
            ("One chart", "The other", lines)
        }
        About::Claim(said) => {
            let asker = case.asker.clone().unwrap_or_default();
            let says = [
                ("Name", words::full_name(&said.given, &said.family)),
                ("Date of birth", words::date(said.birth_date)),
                ("Number", said.number.clone().unwrap_or_default()),
                ("Phone", said.phone.clone().unwrap_or_default()),
                ("Email", asker),
            ];
            let mut lines = both(of_chart(at, &case.record).into_iter().take(says.len()).collect(), says.into());
            lines.push(("Portal account", account(case.connected), "Asks".to_owned()));
            ("The chart", "The account’s owner says", lines)
        }
    };
    let rows = lines
        .into_iter()
        .map(|(name, left, right)| {
            let differs = (left != right && !left.is_empty() && !right.is_empty())
                .then(|| view! { " "<span class="pair-differs">"differs"</span> });
            view! {
                <tr>
                    <th scope="row">{name}{differs}</th>
                    <td dir="auto">{left}</td>
                    <td dir="auto">{right}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="pair">
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{left}</th>
                    <th scope="col">{right}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn of_chart(at: &AtDesk, record: &ChartRecord) -> Vec<(&'static str, String)> {
    let number = record.number.as_ref().map(|number| match number.clinic == at.clinic.profile.slug {
        true => number.number.clone(),
        false => "of another clinic".to_owned(),
    });
    vec![
        ("Name", record.full_name()),
        ("Date of birth", words::date(record.birth_date)),
        ("Number", number.unwrap_or_default()),
        ("Phone", record.phone.clone().unwrap_or_default()),
        ("Email", record.email.clone().unwrap_or_default()),
        ("Address", address(record)),
    ]
}

fn both(left: Vec<(&'static str, String)>, right: Vec<(&'static str, String)>) -> Vec<Line> {
    left.into_iter().zip(right).map(|((name, left), (_, right))| (name, left, right)).collect()
}
