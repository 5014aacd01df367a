//! `/staff/{clinic}/patients/{id}/contact`: correcting how somebody is reached, in the clinic's own chart.

use domain::{
    ids::PatientId,
    patient::PostalAddress,
    person::{Email, PhoneNumber, free_text},
    profile::Section,
};
use leptos::prelude::*;
use portal::{
    patients::{Contact, ContactError, changes_address, correct_contact, patient_at_desk},
    staff::permission::{ChangePatients, SeePatients},
};

use super::{api::ContactForm, to_change::to_change};
use crate::{
    forms::{self, FormState},
    request::Request,
    staff::{
        frame::{DeskPage, Frame, Part},
        gate::{AtDesk, page_at},
    },
    ui::{ErrorSummary, PrimaryButton, Select, TextArea, TextField, answer, param},
    wire::Fault,
};

#[component]
pub fn ContactPage() -> impl IntoView {
    let request = Request::current();
    let (slug, id) = (param("clinic"), param("patient"));
    answer(request.clone(), async move { page(&request, &slug, &id).await })
}

fn form_name(patient: PatientId) -> String {
    format!("desk-contact:{patient}")
}

/// What the form's fields are called, with what stands in the chart.
fn fields(contact: &Contact) -> [(&'static str, String); 7] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let PostalAddress { street, postcode, city, region, country } = &contact.address;
    [
        ("phone", text(&contact.phone)),
        ("email", text(&contact.email)),
        ("street", text(street)),
        ("postcode", text(postcode)),
        ("city", text(city)),
        ("region", text(region)),
        ("country", text(country)),
    ]
}

async fn page(request: &Request, slug: &str, id: &str) -> Result<AnyView, Fault> {
    let Some(at) = page_at(request, slug).await? else { return Ok(().into_any()) };
    let patient = match to_change(request, &at, (id, "contact")).await? {
        Ok(patient) => patient,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (asked, chart) = (patient.id, at.url(&format!("patients/{}", patient.id)));
    let kept = forms::take(&request.cx, request.browser.as_ref(), &form_name(asked)).await?;
    let mut state = kept;
    if state.values.is_empty() {
        let now = fields(&Contact::of(&patient.record));
        state.values.extend(now.map(|(name, value)| (name.to_owned(), value)));
        state.values.insert("seen".to_owned(), patient.seen.clone());
    }
    let frame = Frame::of(&at);
    let name = patient.record.full_name();
    let empty = std::iter::once((String::new(), "Not known".to_owned()));
    let countries = Section::Address.field("country").map(|field| field.options()).unwrap_or_default();
    // What a clinic's file said need not be one of the list.
    let noted = patient.record.address.country.clone();
    let noted = noted.filter(|noted| !countries.iter().any(|(code, _)| code == noted)).map(|code| (code.clone(), code));
    let countries = countries.into_iter().map(|(code, name)| (code.to_owned(), name.to_owned()));
    let countries = empty.chain(noted).chain(countries).collect();
    let value = |name: &str| state.value(name);
    let [phone, email, postcode, city, region] =
        ["phone", "email", "postcode", "city", "region"].map(|name| (value(name), state.error(name)));
    let (seen, street, country) = (value("seen"), value("street"), value("country"));
    let (no_street, no_country) = (state.error("street"), state.error("country"));
    let wrong = !state.errors.is_empty();
    Ok(view! {
        <DeskPage title="How somebody is reached" frame=frame part=Part::Patients error=wrong>
            <p><a href=chart>"Back to the patient"</a></p>
            <ErrorSummary state=state.clone() />
            <h1>"How "<bdi>{name}</bdi>" is reached"</h1>
            <form class="desk-form" method="post" action="/fn/desk-contact" novalidate>
                <input type="hidden" name="clinic" value=at.clinic.profile.slug.clone() />
                <input type="hidden" name="patient" value=asked.to_string() />
                <input type="hidden" name="seen" value=seen />
                <TextField name="phone" label="Phone" value=phone.0 error=phone.1 kind="tel" inputmode="tel" autocomplete="off" optional=true />
                <TextField name="email" label="Email" value=email.0 error=email.1 kind="email" inputmode="email" autocomplete="off" optional=true />
                <TextArea name="street" label="Street and number" value=street error=no_street autocomplete="off" optional=true />
                <div class="desk-pair">
                    <TextField name="postcode" label="Postcode" value=postcode.0 error=postcode.1 autocomplete="off" optional=true />
                    <TextField name="city" label="Town or city" value=city.0 error=city.1 autocomplete="off" optional=true />
                </div>
                <TextField name="region" label="State, county or region" value=region.0 error=region.1 autocomplete="off" optional=true />
                <Select name="country" label="Country" options=countries value=country error=no_country optional=true autocomplete="off" />
                <p class="actions"><PrimaryButton label="Save" /></p>
            </form>
        </DeskPage>
    }
    .into_any())
}

/// What was typed. Words that stand in the chart already stay as they came, whatever they look like.
fn read(form: &ContactForm, now: &Contact, state: &mut FormState) -> Option<Contact> {
    let stands = fields(now);
    let unchanged = |name: &str, typed: &str| {
        stands.iter().any(|(field, value)| *field == name && !value.is_empty() && value.replace("\r\n", "\n") == typed)
    };
    let mut line = |name: &'static str, typed: &str, most: usize| {
        let typed = typed.replace("\r\n", "\n");
        if unchanged(name, &typed) { Some(Some(typed)) } else { state.check(name, free_text(&typed, most)) }
    };
    let street = line("street", &form.street, 120);
    let postcode = line("postcode", &form.postcode, 20);
    let city = line("city", &form.city, 80);
    let region = line("region", &form.region, 80);
    let phone = match form.phone.trim() {
        "" => Some(None),
        phone if unchanged("phone", phone) => Some(Some(phone.to_owned())),
        phone => state.check("phone", PhoneNumber::parse(phone)).map(|phone| Some(phone.as_str().to_owned())),
    };
    let email = match form.email.trim() {
        "" => Some(None),
        email if unchanged("email", email) => Some(Some(email.to_owned())),
        email => state.check("email", Email::parse(email)).map(|email| Some(email.as_str().to_owned())),
    };
    let options = Section::Address.field("country").map(|field| field.options()).unwrap_or_default();
    let country = match form.country.as_str() {
        "" => Some(None),
        code if unchanged("country", code) || options.iter().any(|(own, _)| *own == code) => {
            Some(Some(code.to_owned()))
        }
        _ => {
            state.fail("country", "Choose one of the countries");
            None
        }
    };
    let address =
        PostalAddress { street: street?, postcode: postcode?, city: city?, region: region?, country: country? };
    Some(Contact { phone: phone?, email: email?, address })
}

pub(in crate::staff) async fn correct(request: &Request, at: &AtDesk, form: &ContactForm) -> Result<(), Fault> {
    let permit = at.permit::<ChangePatients>()?;
    let sees = at.permit::<SeePatients>()?;
    let browser = request.session()?;
    let asked: PatientId = form.patient.parse().map_err(|_| Fault::NotFound)?;
    let patient = patient_at_desk(&request.cx, &sees, None, asked).await?.ok_or(Fault::NotFound)?;
    let chart = at.url(&format!("patients/{}", patient.id));
    let mut state = FormState::with(&[
        ("seen", &form.seen),
        ("phone", &form.phone),
        ("email", &form.email),
        ("street", &form.street),
        ("postcode", &form.postcode),
        ("city", &form.city),
        ("region", &form.region),
        ("country", &form.country),
    ]);
    let now = Contact::of(&patient.record);
    if let Some(contact) = read(form, &now, &mut state) {
        // Whoever has a new address gets to what is sent there: not at a desk that was left alone.
        let here = format!("{chart}/contact");
        if changes_address(&patient.record, &contact) && at.fresh_or_prove(request, &here).is_none() {
            state.fail("email", "For another address you show anew who you are. That is done: save it now");
            return Ok(forms::save(&request.cx, &browser, &form_name(patient.id), &state).await?);
        }
        match correct_contact(&request.cx, &permit, patient.id, &form.seen, &contact).await {
            Ok(()) => {
                forms::clear(&request.cx, &browser, &form_name(patient.id)).await?;
                request.redirect(&format!("{chart}?done=contact"));
                return Ok(());
            }
            Err(ContactError::Changed) => {
                // Sent once more it is meant, after one has looked.
                state.values.insert("seen".to_owned(), patient.seen.clone());
                let differing: Vec<_> =
                    fields(&now).into_iter().filter(|(field, has)| state.value(field) != *has).collect();
                for (field, has) in differing {
                    let has = if has.is_empty() { "nothing".to_owned() } else { format!("“{has}”") };
                    state.fail(field, format!("Somebody corrected the chart while you typed. It has {has} here now. If yours is right, save once more"));
                }
                if state.errors.is_empty() {
                    state.fail("phone", "Somebody corrected the chart to just this while you typed");
                }
            }
            Err(ContactError::Own) => {
                state.fail("email", "This is an address of your own account. Somebody else has to note it");
            }
            Err(ContactError::NotFound) => return Err(Fault::NotFound),
            Err(ContactError::Internal(error)) => return Err(error.into()),
        }
    }
    forms::save(&request.cx, &browser, &form_name(patient.id), &state).await?;
    request.redirect(&format!("{chart}/contact"));
    Ok(())
}
