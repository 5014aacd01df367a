//! DOCS

mod amount;
mod check;
mod clinic;
mod hours;
mod raw;
mod resources;
mod services;
mod settings;
mod value;
mod windows;

use domain::clinic::ClinicPlan;
use toml::de::DeTable;

const ROOT: &[&str] = &["tenant", "clinic", "services", "practitioners", "rooms", "devices"];
/// Far above any clinic, far below what would take noticeable time.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// One thing that is wrong with a clinic file, for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {field}: {wrong}. Allowed: {allowed}.")]
pub struct Problem {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Such as `practitioners.weber.hours.mon`; an entry without a proper slug goes by its place: `services[2].slug`.
    pub field: String,
    pub wrong: String,
    pub allowed: String,
}

/// Reads a clinic file. On failure gives every problem there is, in the order of the lines, and at least one;
/// text that is no TOML is reported alone.
pub fn parse(file_name: &str, text: &str) -> Result<ClinicPlan, Vec<Problem>> {
    let log = raw::Log::new(file_name, text);
    if text.len() > MOST_BYTES {
        log.push(0, "file", "this file is too large", "at most 2 MiB");
        return Err(log.into_problems());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(text.len(), |span| span.start);
        let wrong = error.message().lines().collect::<Vec<_>>().join(", ");
        log.push(at, "syntax", wrong, "TOML 1.0, see https://toml.io");
    }
    if !errors.is_empty() {
        return Err(log.into_problems());
    }

    let plan = read(&raw::Section::root(&log, &table, ROOT));
    let problems = log.into_problems();
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

fn read(root: &raw::Section<'_>) -> ClinicPlan {
    let tenant = clinic::read_tenant(root);
    let clinic = clinic::read_clinic(root);
    let mut services = services::read(root, &clinic.currency);
    let resources = resources::read(root);

    check::unique_slugs(services.iter().map(|s| (&s.at, s.plan.slug.as_str())));
    check::unique_slugs(resources.iter().map(|r| (&r.at, r.plan.slug.as_str())));
    check::needs(&mut services, &resources);
    check::offerings(&mut services, &resources);

    let (sections, services) = services.into_iter().map(|s| (s.at, s.plan)).unzip::<_, _, Vec<_>, Vec<_>>();
    let resources = resources.into_iter().map(|r| r.plan).collect();
    let plan = ClinicPlan { tenant, clinic, services, resources };
    check::inherited(&plan, &sections);
    plan
}
