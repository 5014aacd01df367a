//! The activation letter for one chart: what the clinic and the chart say, put into `documents`' words.

use documents::{ActivationLetter, DocumentError, Paper, Sender};
use domain::words;
use jiff::Timestamp;
use portal::{
    Cx, Internal,
    clinic::Clinic,
    patients::{Activation, ChartRecord},
};

#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// A PDF of one page. Takes some tenths of a second, on a thread of its own.
pub async fn activation(
    cx: &Cx,
    clinic: &Clinic,
    record: &ChartRecord,
    made: &Activation,
) -> Result<Vec<u8>, LetterError> {
    let profile = &clinic.profile;
    let day = |at: Timestamp| words::date(clinic.zone.to_datetime(at).date());
    let name = record.full_name();
    let letter = ActivationLetter {
        clinic: Sender {
            name: profile.name.clone(),
            street_lines: profile.address.lines(),
            phone: profile.phone.clone(),
            email: profile.email.clone(),
        },
        addressee: addressee(&name, record),
        date: day(cx.now()),
        greeting_name: name,
        link: made.link.clone(),
        short_link: short(&cx.config.public_url),
        code: made.code.in_fours(),
        valid_until: day(made.expires_at),
        locale: profile.locale.clone(),
        paper: Paper::of_country(&profile.address.country),
    };
    let pdf = tokio::task::spawn_blocking(move || documents::activation_letter(&letter)).await;
    Ok(pdf.map_err(|e| Internal::Data(e.to_string()))??)
}

fn addressee(name: &str, record: &ChartRecord) -> Vec<String> {
    let domain::patient::PostalAddress { street, postcode, city, region, country } = &record.address;
    let line = |parts: [&Option<String>; 2]| {
        let parts: Vec<&str> = parts.into_iter().filter_map(Option::as_deref).collect();
        parts.join(" ")
    };
    let street = street.as_deref().unwrap_or_default().lines().map(str::to_owned);
    let place = [line([postcode, city]), line([region, country])];
    std::iter::once(name.to_owned()).chain(street).chain(place).filter(|line| !line.is_empty()).collect()
}

/// What to type: without the scheme.
fn short(public_url: &str) -> String {
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    format!("{host}/activate")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_window_shows_what_the_chart_knows() {
        let mut record = ChartRecord::named("", "Suryani", date(2004, 2, 29));
        assert_eq!(addressee("Suryani", &record), ["Suryani"]);
        record.address.street = Some("c/o Weber\nUferstraße 12".to_owned());
        record.address.city = Some("Berlin".to_owned());
        record.address.postcode = Some("13357".to_owned());
        assert_eq!(addressee("Suryani", &record), ["Suryani", "c/o Weber", "Uferstraße 12", "13357 Berlin"]);
        assert_eq!(short("https://portal.example.org"), "portal.example.org/activate");
    }
}
