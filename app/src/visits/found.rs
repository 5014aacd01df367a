//! A visit for whoever may see it. Everybody else learns only that there is no such page.

use leptos::prelude::*;
use portal::{
    VisitAccess,
    visits::{Visit, read, visit_access},
};

use crate::{
    request::Request,
    ui::{answer, param},
    wire::Fault,
};

/// Proof that whoever asks may see the visit.
pub(super) async fn access(request: &Request, id: &str) -> Result<VisitAccess, Fault> {
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    visit_access(&request.cx, &request.who(), id).await?.ok_or(Fault::NotFound)
}

pub(super) async fn visit(request: &Request, id: &str) -> Result<Visit, Fault> {
    let access = access(request, id).await?;
    Ok(read(&request.cx, &access).await?)
}

/// A page about the visit in its address.
pub(super) fn page<P, F>(page: P) -> impl IntoView
where
    P: FnOnce(Request, Visit) -> F + Send + 'static,
    F: Future<Output = Result<AnyView, Fault>> + Send,
{
    let request = Request::current();
    let id = param("visit");
    answer(request.clone(), async move {
        let visit = visit(&request, &id).await?;
        page(request, visit).await
    })
}
