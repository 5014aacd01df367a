//! The words of the sections about where and how somebody is reached.

use super::section::About;
use super::{Field, Group, Owner, Shape};

pub(super) const CONTACT: About = About {
    slug: "contact",
    title: "Your email and phone",
    question: "How can we contact you?",
    of_other: "How can we contact you about them?",
    why: "So that we can tell you when a visit changes or something is new.",
    owner: Owner::Patient,
    group: Group::ReachingYou,
    sensitive: false,
    shape: Shape::One(&[
        Field::email("email", "Email address").missing("Enter your email address").token("email"),
        Field::phone("phone", "Phone number")
            .optional()
            .hint("For things that cannot wait. If it is not from this country, begin with a plus, like +49.")
            .token("tel"),
    ]),
};

const WAYS: &[(&str, &str)] =
    &[("email", "By email"), ("phone", "By a phone call"), ("post", "By post"), ("portal", "By a message here")];

const TIMES: &[(&str, &str)] =
    &[("morning", "In the morning"), ("afternoon", "In the afternoon"), ("evening", "In the evening")];

pub(super) const REACH: About = About {
    slug: "reach",
    title: "The best way to reach you",
    question: "What is the best way to reach you?",
    of_other: "What is the best way to reach you about them?",
    why: "So that we try the way and the time that suit you first.",
    owner: Owner::Patient,
    group: Group::ReachingYou,
    sensitive: false,
    shape: Shape::One(&[
        Field::choice("best", "Best way", WAYS).missing("Choose the best way to reach you"),
        Field::checkboxes("times", "Good times for a call", TIMES).hint("Choose all that suit you, or none."),
        Field::yes_no("voicemail", "May we leave a voice message?")
            .hint("Other people might hear it.")
            .missing("Choose yes if we may leave a voice message, or no if we may not"),
    ]),
};

pub(super) const ADDRESS: About = About {
    slug: "address",
    title: "Your address",
    question: "What is your address?",
    of_other: "What is their address?",
    why: "So that letters and bills reach you, and nobody else.",
    owner: Owner::Patient,
    group: Group::ReachingYou,
    sensitive: false,
    shape: Shape::One(&[
        Field::long_text("street", "Street and number", 120)
            .hint("With the flat or floor, on a second line.")
            .missing("Enter your street and number")
            .token("street-address"),
        Field::code("postcode", "Postcode", 20)
            .optional()
            .hint("Leave this empty only if your address has none.")
            .token("postal-code"),
        Field::text("city", "Town or city", 80).missing("Enter your town or city").token("address-level2"),
        Field::text("region", "State, county or region", 80).optional().token("address-level1"),
        Field::country("country", "Country").missing("Choose your country").token("country"),
    ]),
};

const RELATIONS: &[(&str, &str)] = &[
    ("partner", "My husband, wife or partner"),
    ("parent", "My mother or father"),
    ("child", "My son or daughter"),
    ("sibling", "My brother or sister"),
    ("relative", "Another relative"),
    ("friend", "A friend or neighbour"),
    ("carer", "Somebody who looks after me"),
    ("other", "Somebody else"),
];

pub(super) const EMERGENCY_CONTACT: About = About {
    slug: "emergency-contact",
    title: "Your emergency contact",
    question: "Who should we call in an emergency?",
    of_other: "Whom should we call for them in an emergency?",
    why: "So that somebody you trust hears of it if you are suddenly very ill.",
    owner: Owner::Patient,
    group: Group::ReachingYou,
    sensitive: false,
    shape: Shape::One(&[
        Field::name("name", "Their full name")
            .hint("Ask them first if we may call them.")
            .missing("Enter the name of the person we should call"),
        Field::choice("relation", "Who they are to you", RELATIONS).missing("Choose who this person is to you"),
        Field::phone("phone", "Their phone number").missing("Enter the phone number of the person we should call"),
    ]),
};

const EMAIL_TOPICS: &[(&str, &str)] = &[
    ("visits", "Reminders and changes of my visits"),
    ("results", "New results and notes"),
    ("messages", "New messages from the clinic"),
    ("bills", "Bills and payments"),
    ("news", "News from the clinic"),
];

const LETTER_TOPICS: &[(&str, &str)] =
    &[("visits", "Changes of my visits"), ("results", "New results and notes"), ("bills", "Bills and payments")];

/// A channel for each topic, and other means or places (HIP-16). Nothing is ticked for anybody (GDP-01).
pub(super) const COMMUNICATION: About = About {
    slug: "communication",
    title: "What we write to you about",
    question: "What should we write to you about?",
    of_other: "What should we write to them about?",
    why: "So that we write only about what you want, and in a way that is safe for you.",
    owner: Owner::Patient,
    group: Group::ReachingYou,
    sensitive: true,
    shape: Shape::One(&[
        Field::checkboxes("emails", "Send me an email about", EMAIL_TOPICS)
            .hint("Choose all that you want, or none. Everything stands here in the portal, too."),
        Field::checkboxes("letters", "Send me a letter about", LETTER_TOPICS)
            .hint("Choose all that you want, or none."),
        Field::long_text("safe", "A safer way to reach you", 500)
            .optional()
            .hint("For example, another address, or only your mobile phone. You need not say why."),
    ]),
};
