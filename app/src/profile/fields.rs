//! What a section asks, drawn.

use domain::profile::{Field, Kind, Section};
use leptos::prelude::*;

use crate::{
    forms::FormState,
    ui::{Checkboxes, DateFields, RadioItem, Radios, Select, TextArea, TextField},
};

/// All fields of a section, or of one item of a list. Those that are asked only sometimes say when, because without a
/// script they cannot come and go.
pub(super) fn fields(section: Section, state: &FormState) -> impl IntoView + use<> {
    section.fields().iter().map(|field| field_view(section, field, state)).collect_view()
}

fn field_view(section: Section, field: &'static Field, state: &FormState) -> AnyView {
    let (name, label) = (field.name, label(field));
    let (value, error) = (state.value(name), state.error(name));
    let hint = hint(section, field);
    let items = || field.options().into_iter().map(|(value, label)| RadioItem::new(value, label)).collect::<Vec<_>>();
    match field.kind {
        Kind::LongText => {
            let autocomplete = field.autocomplete;
            view! { <TextArea name=name label=label hint=hint value=value error=error autocomplete=autocomplete /> }
                .into_any()
        }
        Kind::BirthDate | Kind::ComingDate => {
            let part = |part| state.value(&field.part(part));
            let other = field.kind == Kind::ComingDate;
            view! {
                <DateFields
                    name=name
                    legend=label
                    hint=hint
                    day=part("day")
                    month=part("month")
                    year=part("year")
                    other=other
                    error=error
                />
            }
            .into_any()
        }
        Kind::Country | Kind::Language => {
            let empty = std::iter::once((String::new(), "Choose".to_owned()));
            let all = field.options().into_iter().map(|(value, label)| (value.to_owned(), label.to_owned()));
            let options = empty.chain(all).collect();
            let autocomplete = field.autocomplete;
            view! {
                <Select
                    name=name
                    label=label
                    hint=hint
                    options=options
                    value=value
                    error=error
                    autocomplete=autocomplete
                />
            }
            .into_any()
        }
        Kind::Choice(_) | Kind::YesNo => {
            view! { <Radios name=name legend=label hint=hint items=items() value=value error=error /> }.into_any()
        }
        Kind::Checkboxes(options) => {
            let ticked = options.iter().filter(|(value, _)| state.value(&field.part(value)) == "yes");
            let ticked = ticked.map(|(value, _)| (*value).to_owned()).collect();
            view! { <Checkboxes name=name legend=label hint=hint items=items() ticked=ticked error=error /> }.into_any()
        }
        kind => {
            let (input, mode) = match kind {
                Kind::Email => ("email", "email"),
                Kind::Phone => ("tel", "tel"),
                Kind::Year => ("text", "numeric"),
                _ => ("text", ""),
            };
            let autocomplete = field.autocomplete;
            view! {
                <TextField
                    name=name
                    label=label
                    hint=hint
                    value=value
                    error=error
                    kind=input
                    autocomplete=autocomplete
                    inputmode=mode
                />
            }
            .into_any()
        }
    }
}

/// Boxes may stay empty anyway.
fn label(field: &Field) -> String {
    let marked = field.optional && !matches!(field.kind, Kind::Checkboxes(_));
    if marked { format!("{} (optional)", field.label) } else { field.label.to_owned() }
}

fn hint(section: Section, field: &Field) -> String {
    let when = field.when.and_then(|when| {
        let of = section.field(when.field)?;
        let labels = of.options().into_iter().filter(|(value, _)| when.is.contains(value)).map(|(_, label)| label);
        let labels: Vec<String> = labels.map(|label| format!("“{label}”")).collect();
        Some(format!("Only if you chose {} above.", labels.join(" or ")))
    });
    [when.unwrap_or_default(), field.hint.to_owned()].join(" ").trim().to_owned()
}
