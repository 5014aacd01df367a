//! Pages of the demo, written by the server, against axum serving the same bytes.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use jiff::ToSpan;
use server::wiring;

use crate::{
    Outcome, data,
    load::{self, Client},
    median,
    report::{Goal, Report},
};

const TIME: Duration = Duration::from_secs(2);

pub async fn measure(report: &mut Report) -> Outcome {
    let config = data::config("pages")?;
    let cx = wiring::connect(&config).await?;
    portal::demo::seed(&cx).await?;
    let day = cx.now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(3.days());
    let ours = load::serve(server::serve::router(cx, Arc::new(config), false)).await?;
    for path in [
        "/".to_owned(),
        "/c/riverside".to_owned(),
        "/c/riverside/book".to_owned(),
        format!("/c/riverside/book/times?service=followup&with=any&day={day}"),
    ] {
        let body = Bytes::copy_from_slice(Client::connect(ours).await?.ok(&path).await?);
        let size = body.len();
        let axum = load::serve_fixed("text/html; charset=utf-8", body).await?;
        let (mut bare, mut page, mut p99) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..3 {
            bare.push(load::flood(axum, 8, TIME, load::always("/")).await?.per_second);
            let load = load::flood(ours, 8, TIME, load::always(&path)).await?;
            page.push(load.per_second);
            p99.push(load.percentile(99));
        }
        let name = format!("axum, same {size} bytes; p99 {:.1} ms with 8 clients", median(p99));
        let short = path.split('&').next().unwrap_or(&path);
        report.share(&format!("Page {short}"), median(page), (median(bare), &name), Goal::None);
    }
    Ok(())
}
