//! Where a clinic is and how to reach it. Maps are ordinary links: nothing of anybody else's is loaded.

use domain::clinic::Address;
use leptos::prelude::*;
use portal::clinic::Clinic;

use crate::ui::{Icon, query_value};

pub(super) fn contact(clinic: &Clinic) -> impl IntoView + use<> {
    let profile = &clinic.profile;
    let lines = profile.address.lines().into_iter().map(|line| view! { {line}<br /> }).collect_view();
    view! {
        <section aria-labelledby="contact">
            <h2 id="contact">"How to reach us"</h2>
            <div class="card contact">
                <address dir="auto"><strong>{profile.name.clone()}</strong><br />{lines}</address>
                <p>
                    <a class="with-icon" href=map_link(&profile.address) rel="noreferrer">
                        <Icon name="pin" />
                        "Show on a map"
                    </a>
                </p>
                <p>
                    <a class="with-icon" href=tel_link(&profile.phone)>
                        <Icon name="phone" />
                        <span>"Call "<bdi>{profile.phone.clone()}</bdi></span>
                    </a>
                </p>
                <p>
                    <a class="with-icon" href=format!("mailto:{}", profile.email)>
                        <Icon name="mail" />
                        <bdi>{profile.email.clone()}</bdi>
                    </a>
                </p>
                {(!profile.directions.is_empty())
                    .then(|| view! { <p dir="auto">{profile.directions.clone()}</p> })}
            </div>
        </section>
    }
}

/// OpenStreetMap at the clinic's place, or searching for its address.
pub(crate) fn map_link(address: &Address) -> String {
    let place = address.latitude.as_deref().zip(address.longitude.as_deref());
    match place.filter(|(lat, lon)| is_degrees(lat) && is_degrees(lon)) {
        Some((lat, lon)) => {
            format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}")
        }
        None => {
            let words = format!("{}, {}", address.lines().join(", "), address.country);
            format!("https://www.openstreetmap.org/search?query={}", query_value(&words))
        }
    }
}

fn is_degrees(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 180.0) && !text.contains(char::is_alphabetic)
}

/// RFC 3966: digits and a leading plus.
pub(crate) fn tel_link(phone: &str) -> String {
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    format!("tel:{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Address {
        Address {
            street: "Am Uferpark 12".into(),
            postcode: "10999".into(),
            city: "Berlin".into(),
            country: "DE".into(),
            ..Address::default()
        }
    }

    #[test]
    fn addresses_are_written_as_in_their_country() {
        assert_eq!(berlin().lines(), ["Am Uferpark 12", "10999 Berlin"]);
        let sydney = Address { region: "NSW".into(), country: "AU".into(), city: "Sydney".into(), ..berlin() };
        assert_eq!(sydney.lines(), ["Am Uferpark 12", "Sydney NSW 10999"]);
    }

    #[test]
    fn a_map_needs_a_place_or_an_address() {
        let mut address = berlin();
        assert_eq!(
            map_link(&address),
            "https://www.openstreetmap.org/search?query=Am%20Uferpark%2012%2C%2010999%20Berlin%2C%20DE"
        );
        (address.latitude, address.longitude) = (Some("52.5010".into()), Some("13.4220".into()));
        assert_eq!(
            map_link(&address),
            "https://www.openstreetmap.org/?mlat=52.5010&mlon=13.4220#map=17/52.5010/13.4220"
        );
        address.latitude = Some("NaN".into());
        assert!(map_link(&address).contains("search"));
    }

    #[test]
    fn phones_dial_what_is_written() {
        assert_eq!(tel_link("+49 (30) 23125-100"), "tel:+493023125100");
    }
}
