//! The words of the sections about somebody's health. The three lists can be "none", which is not the same as unsaid.

use super::section::About;
use super::{Field, Group, Owner, Shape};

const SEVERITIES: &[(&str, &str)] = &[
    ("mild", "Mild: a nuisance"),
    ("moderate", "Moderate: I felt ill"),
    ("severe", "Severe: I needed help at once"),
    ("unknown", "I do not know"),
];

pub(super) const ALLERGIES: About = About {
    slug: "allergies",
    title: "Your allergies",
    question: "What are you allergic to?",
    of_other: "What are they allergic to?",
    why: "So that nobody gives you something that harms you.",
    owner: Owner::Patient,
    group: Group::YourHealth,
    sensitive: true,
    shape: Shape::Many {
        fields: &[
            Field::text("substance", "What you are allergic to", 120)
                .hint("For example, penicillin, nuts or latex.")
                .missing("Enter what you are allergic to"),
            Field::text("reaction", "What happens", 200)
                .optional()
                .hint("For example, a rash, or it is hard to breathe."),
            Field::choice("severity", "How bad it was", SEVERITIES)
                .missing("Choose how bad it was, or “I do not know”"),
        ],
        item: "allergy",
        none: "I have no allergies that I know of",
        most: 50,
    },
};

pub(super) const MEDICINES: About = About {
    slug: "medicines",
    title: "Your medicines",
    question: "Which medicines do you take?",
    of_other: "Which medicines do they take?",
    why: "So that we do not give you something that does not go with them.",
    owner: Owner::Patient,
    group: Group::YourHealth,
    sensitive: true,
    shape: Shape::Many {
        fields: &[
            Field::text("medicine", "Name of the medicine", 120)
                .hint("As it stands on the box. Also drops, creams, vitamins and what you buy without a prescription.")
                .missing("Enter the name of the medicine"),
            Field::text("dose", "How much you take", 80).optional().hint("For example, 50 mg, or 1 tablet."),
            Field::text("often", "How often you take it", 80)
                .optional()
                .hint("For example, every morning, or only when it hurts."),
            Field::text("since", "Since when", 40).optional().hint("For example, March 2024."),
        ],
        item: "medicine",
        none: "I take no medicines",
        most: 50,
    },
};

pub(super) const CONDITIONS: About = About {
    slug: "conditions",
    title: "Your health conditions",
    question: "Which health conditions do you have?",
    of_other: "Which health conditions do they have?",
    why: "So that everybody who treats you knows what to think of.",
    owner: Owner::Patient,
    group: Group::YourHealth,
    sensitive: true,
    shape: Shape::Many {
        fields: &[
            Field::text("condition", "Health condition", 200)
                .hint("For example, asthma, diabetes or high blood pressure.")
                .missing("Enter the health condition"),
            Field::year("since", "Year it began").optional().hint("For example, 2015. About is enough."),
        ],
        item: "health condition",
        none: "I have no health conditions that I know of",
        most: 50,
    },
};

pub(super) const PHARMACY: About = About {
    slug: "pharmacy",
    title: "Your pharmacy",
    question: "Which pharmacy do you use?",
    of_other: "Which pharmacy do they use?",
    why: "So that we know where to send your prescriptions.",
    owner: Owner::Patient,
    group: Group::YourHealth,
    sensitive: true,
    shape: Shape::One(&[
        Field::text("name", "Name of the pharmacy", 120).missing("Enter the name of the pharmacy"),
        Field::text("place", "Where it is", 120)
            .hint("The street, or the part of town.")
            .missing("Enter where the pharmacy is"),
        Field::phone("phone", "Phone number of the pharmacy").optional(),
    ]),
};
