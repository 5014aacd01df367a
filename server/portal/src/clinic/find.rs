//! Finding a clinic by name, place, speciality or language.

use entity::clinic;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

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

/// Clinics in the order of their slugs, at most `limit`.
pub async fn find(cx: &Cx, filter: &Filter) -> Result<Vec<Found>, Internal> {
    let mut query = clinic::Entity::find().order_by_asc(clinic::Column::Slug).limit(filter.limit.clamp(1, 100));
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

#[derive(FromQueryResult)]
struct Choices {
    languages: String,
    address: String,
}

/// Languages and places there are to choose from, sorted.
pub async fn choices(cx: &Cx) -> Result<(Vec<String>, Vec<String>), Internal> {
    let rows: Vec<Choices> = clinic::Entity::find()
        .select_only()
        .column(clinic::Column::Languages)
        .column(clinic::Column::Address)
        .limit(10_000)
        .into_model()
        .all(cx.db.read())
        .await?;
    let mut languages = Vec::new();
    let mut cities = Vec::new();
    for Choices { languages: spoken, address } in rows {
        languages.extend(serde_json::from_str::<Vec<String>>(&spoken)?);
        cities.push(serde_json::from_str::<domain::clinic::Address>(&address)?.city);
    }
    for list in [&mut languages, &mut cities] {
        list.sort();
        list.dedup();
    }
    Ok((languages, cities))
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

/// Lower case, without LIKE's own signs and without what cannot be in a text.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| !c.is_control() && !"%_\\;".contains(*c)).collect()
}
