//! Finding a clinic by name, place, speciality or language, and what an import writes for it.

use std::collections::BTreeSet;

use domain::{
    clinic::{ClinicPlan, ResourceKind},
    words,
};
use entity::{clinic, clinic_facet};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use uuid::Uuid;

use crate::{cx::Cx, error::Internal};

/// What a visitor asks for; empty fields ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur in name, kind, place, specialities or services.
    pub words: String,
    /// BCP 47.
    pub language: String,
    pub city: String,
    /// Slug after which the next page starts.
    pub after: String,
    pub limit: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: uuid::Uuid,
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub about: String,
    pub city: String,
    pub zone: String,
    pub languages: Vec<String>,
}

/// A word that is longer is no clinic's, and SQLite refuses to look for one without end.
const LONGEST: usize = 1000;

/// Clinics in the order of their slugs, at most `limit`, which the caller bounds.
pub async fn find(cx: &Cx, filter: &Filter) -> Result<Vec<Found>, Internal> {
    if filter.words.split_whitespace().chain([&*filter.city, &*filter.language]).any(|word| word.len() > LONGEST) {
        return Ok(Vec::new());
    }
    let mut query = clinic::Entity::find().order_by_asc(clinic::Column::Slug).limit(filter.limit);
    if !filter.after.is_empty() {
        query = query.filter(clinic::Column::Slug.gt(fold(&filter.after)));
    }
    for word in filter.words.split_whitespace().take(8) {
        query = query.filter(clinic::Column::Search.contains(fold(word)));
    }
    if !filter.city.is_empty() {
        query = query.filter(clinic::Column::Search.contains(format!("city:{};", fold(&filter.city))));
    }
    if !filter.language.is_empty() {
        query = query.filter(clinic::Column::Search.contains(format!("speaks:{};", fold(&filter.language))));
    }
    query.all(cx.db.read()).await?.into_iter().map(found).collect()
}

/// Languages (BCP 47) and places there are to choose from, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    pub languages: Vec<String>,
    /// `None`: too many for a list; one has to be written.
    pub cities: Option<Vec<String>>,
}

pub async fn choices(cx: &Cx) -> Result<Choices, Internal> {
    let languages = values(cx, Facet::Language).await?;
    let cities = values(cx, Facet::City).await?;
    Ok(Choices { languages, cities: (cities.len() <= MOST_CHOICES).then_some(cities) })
}

/// What clinics can be chosen by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Facet {
    City,
    Language,
}

impl Facet {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Language => "language",
        }
    }
}

/// From each value to the next, so that it costs the same however many clinics share one.
const VALUES: &str = "\
    WITH RECURSIVE choice (value) AS ( \
        SELECT min(value) FROM clinic_facet WHERE kind = $1 \
        UNION ALL \
        SELECT (SELECT min(value) FROM clinic_facet WHERE kind = $1 AND value > choice.value) \
        FROM choice WHERE choice.value IS NOT NULL) \
    SELECT value FROM choice WHERE value IS NOT NULL LIMIT 201";
const MOST_CHOICES: usize = 200;

#[derive(FromQueryResult)]
struct Value {
    value: String,
}

async fn values(cx: &Cx, facet: Facet) -> Result<Vec<String>, Internal> {
    let db = cx.db.read();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), VALUES, [facet.as_str().into()]);
    let found = Value::find_by_statement(statement).all(db).await?;
    let mut values: Vec<String> = found.into_iter().map(|f| f.value).collect();
    values.sort();
    Ok(values)
}

fn found(row: clinic::Model) -> Result<Found, Internal> {
    let address: domain::clinic::Address = serde_json::from_str(&row.address)?;
    Ok(Found {
        id: row.id,
        slug: row.slug,
        name: row.name,
        kind: row.kind,
        about: row.about,
        city: address.city,
        zone: row.zone,
        languages: serde_json::from_str(&row.languages)?,
    })
}

/// Lower case and without accents, so that "nguyen" finds "Nguyễn"; without LIKE's own signs and without what cannot be
/// in a text.
pub(super) fn fold(text: &str) -> String {
    let letters = text.to_lowercase();
    let letters = letters.nfkd().filter(|c| !is_combining_mark(*c) && !c.is_control() && !"%_\\;".contains(*c));
    let mut folded = String::with_capacity(text.len());
    for letter in letters {
        match letter {
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'æ' => folded.push_str("ae"),
            other => folded.push(other),
        }
    }
    folded
}

/// What the finder looks in: lower-case words, and marks for exact choices.
pub(super) fn search_text(plan: &ClinicPlan) -> String {
    let c = &plan.clinic;
    let mut words = vec![c.name.clone(), c.kind.clone(), c.address.city.clone(), c.address.postcode.clone()];
    words.extend(plan.services.iter().flat_map(|s| [s.name.clone(), s.speciality.clone()]));
    words.extend(
        plan.resources
            .iter()
            .filter(|r| r.kind == ResourceKind::Practitioner)
            .map(|r| format!("{} {}", r.name, r.role)),
    );
    let mut text: String = words.iter().map(|w| fold(w) + "; ").collect();
    text.push_str(&format!("city:{};", fold(&c.address.city)));
    for language in spoken(plan) {
        text.push_str(&format!("{}; ", fold(words::language(language))));
        text.push_str(&format!("speaks:{};", fold(language)));
    }
    text
}

/// Each language once.
fn spoken(plan: &ClinicPlan) -> BTreeSet<&String> {
    plan.resources.iter().flat_map(|r| &r.languages).chain(&plan.clinic.languages).collect()
}

/// What one may choose from in the finder.
pub(super) async fn save_facets(tx: &impl ConnectionTrait, plan: &ClinicPlan, clinic: Uuid) -> Result<(), Internal> {
    clinic_facet::Entity::delete_many().filter(clinic_facet::Column::ClinicId.eq(clinic)).exec(tx).await?;
    let cities = [&plan.clinic.address.city].into_iter().filter(|city| !city.is_empty());
    let cities = cities.map(|city| (Facet::City, city));
    let facets = cities.chain(spoken(plan).into_iter().map(|tag| (Facet::Language, tag)));
    let rows: Vec<_> = facets
        .map(|(facet, value)| clinic_facet::ActiveModel {
            kind: Set(facet.as_str().to_owned()),
            value: Set(value.clone()),
            clinic_id: Set(clinic),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    clinic_facet::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_people_type_them() {
        for (written, typed) in
            [("Nguyễn", "nguyen"), ("Yılmaz", "YILMAZ"), ("Zürich", "zurich"), ("Straße", "strasse")]
        {
            assert_eq!(fold(written), fold(typed), "{written}");
        }
        assert_eq!(fold("100%_\\;\u{0}"), "100");
    }
}
