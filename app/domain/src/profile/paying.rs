//! The words of the section about who pays. Pictures of the card come separately.

use super::section::About;
use super::{Field, Group, Owner, Shape};

const KINDS: &[(&str, &str)] = &[
    ("public", "Public health insurance"),
    ("private", "Private health insurance"),
    ("unknown", "I am insured, but do not know which of these"),
    ("self", "I pay myself"),
];

/// Those who have a card.
const INSURED: &[&str] = &["public", "private", "unknown"];

pub(super) const COVERAGE: About = About {
    slug: "coverage",
    title: "Your insurance",
    question: "Who pays for your care?",
    of_other: "Who pays for their care?",
    why: "So that the bill goes to the right place, and you pay only your own part.",
    owner: Owner::Patient,
    group: Group::Paying,
    sensitive: true,
    shape: Shape::One(&[
        Field::choice("kind", "Kind of insurance", KINDS).missing("Choose who pays for your care"),
        Field::text("insurer", "Insurer or plan", 120)
            .hint("The name on your insurance card.")
            .missing("Enter the name of your insurer or plan")
            .when("kind", INSURED),
        Field::code("member", "Member number", 40)
            .hint("It is on your insurance card. It may have letters.")
            .missing("Enter your member number. It is on your insurance card")
            .when("kind", INSURED),
        Field::code("group", "Group number", 40).optional().hint("Only if your card has one.").when("kind", INSURED),
        Field::name("holder", "Name of the person insured")
            .optional()
            .hint("Only if it is not you.")
            .when("kind", INSURED),
        Field::coming_date("until", "Last day of your insurance")
            .optional()
            .hint("Only if your card says so. For example, 31 12 2030.")
            .when("kind", INSURED),
    ]),
};
