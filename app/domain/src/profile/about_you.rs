//! The words of the sections about who somebody is and what they need at a visit.

use super::section::About;
use super::{Field, Group, OTHER, Owner, Shape};

pub(super) const NAME: About = About {
    slug: "name",
    title: "Your name",
    question: "What is your name?",
    of_other: "What is their name?",
    why: "So that we find the right record, and call you by the right name.",
    owner: Owner::Clinic,
    group: Group::AboutYou,
    sensitive: false,
    shape: Shape::One(&[
        Field::name("given", "Given name")
            .optional()
            .hint("Also called first name. Leave this empty if you have only one name.")
            .token("given-name"),
        Field::name("family", "Family name")
            .hint("Also called last name or surname. If you have only one name, enter it here.")
            .missing("Enter your family name, or your only name")
            .token("family-name"),
        Field::name("called", "Name to call you")
            .optional()
            .hint("If people should call you something else.")
            .token("nickname"),
        Field::name("former", "Former family name")
            .optional()
            .hint("If older papers have another name, for example from before you married."),
    ]),
};

pub(super) const BIRTH_DATE: About = About {
    slug: "birth-date",
    title: "Your date of birth",
    question: "What is your date of birth?",
    of_other: "What is their date of birth?",
    why: "So that nobody mixes you up with somebody of the same name.",
    owner: Owner::Clinic,
    group: Group::AboutYou,
    sensitive: false,
    shape: Shape::One(&[Field::birth_date("birth", "Date of birth")
        .hint("For example, 31 3 1980.")
        .missing("Enter your date of birth")
        .token("bday")]),
};

pub(super) const LANGUAGE: About = About {
    slug: "language",
    title: "Your language",
    question: "Which language do you like best?",
    of_other: "Which language do they like best?",
    why: "So that we talk and write to you in words you know well, where we can.",
    owner: Owner::Patient,
    group: Group::AboutYou,
    sensitive: false,
    shape: Shape::One(&[
        Field::language("language", "Language").missing("Choose the language you like best").token("language"),
        Field::text("other", "Name of the other language", 80)
            .missing("Enter the name of your language")
            .when("language", &[OTHER]),
    ]),
};

const INTERPRETER_KINDS: &[(&str, &str)] =
    &[("no", "No"), ("spoken", "Yes, for a spoken language"), ("sign", "Yes, for a sign language")];

pub(super) const INTERPRETER: About = About {
    slug: "interpreter",
    title: "Your interpreter",
    question: "Do you need an interpreter?",
    of_other: "Do they need an interpreter?",
    why: "So that somebody who can translate for you is there when you come.",
    owner: Owner::Patient,
    group: Group::AboutYou,
    sensitive: true,
    shape: Shape::One(&[
        Field::choice("needed", "Interpreter", INTERPRETER_KINDS).missing("Choose if you need an interpreter"),
        Field::language("language", "Spoken language")
            .missing("Choose the language the interpreter should speak with you")
            .when("needed", &["spoken"]),
        Field::text("other", "Name of the other language", 80)
            .missing("Enter the language the interpreter should speak with you")
            .when("language", &[OTHER]),
        Field::text("sign", "Sign language", 80)
            .hint("For example, British Sign Language.")
            .missing("Enter which sign language you use")
            .when("needed", &["sign"]),
    ]),
};

const HELP: &[(&str, &str)] = &[
    ("step-free", "A way in without steps"),
    ("large-print", "Papers in large print"),
    ("hearing-loop", "A hearing loop"),
    ("quiet", "A quiet place to wait"),
    ("more-time", "More time"),
    ("companion", "Somebody comes with me"),
    ("guide-dog", "I come with a guide dog or another helper dog"),
];

pub(super) const ACCESSIBILITY: About = About {
    slug: "accessibility",
    title: "Help at your visit",
    question: "What would make your visit easier?",
    of_other: "What would make their visit easier?",
    why: "So that we can get it ready before you come.",
    owner: Owner::Patient,
    group: Group::AboutYou,
    sensitive: true,
    shape: Shape::One(&[
        Field::checkboxes("help", "What helps you", HELP).hint("Choose all that fit, or none."),
        Field::long_text("other", "Anything else that helps", 500).optional(),
    ]),
};
