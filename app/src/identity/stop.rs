//! `/recovery/{recovery}/{token}`: the link in the notice that an account is being recovered. Opening it changes nothing,
//! because mail programs open links by themselves; the button stops it.

use leptos::prelude::*;
use portal::identity;
use uuid::Uuid;

use crate::{
    request::Request,
    ui::{Page, PrimaryButton, answer, message_page, param},
    wire::Fault,
};

#[component]
pub fn StopRecoveryPage() -> impl IntoView {
    let request = Request::current();
    let (recovery, token) = (param("recovery"), param("token"));
    answer(request.clone(), async move { page(&request, &recovery, &token).await })
}

async fn page(request: &Request, recovery: &str, token: &str) -> Result<AnyView, Fault> {
    let id: Uuid = recovery.parse().map_err(|_| Fault::NotFound)?;
    if request.query("stopped") == "yes" {
        return Ok(message_page(
            "It is stopped",
            "Nothing was changed, and the code that was used is worth nothing any more. Make new recovery codes when you next sign in.",
            "/sign-in?next=/account/recovery-codes",
            "Sign in",
        ));
    }
    if !identity::may_stop(&request.cx, id, token).await? {
        return Ok(message_page(
            "There is nothing to stop any more",
            "This recovery is over: it was stopped, used, or ran out. Sign in to look at your account.",
            "/sign-in?next=/account",
            "Sign in",
        ));
    }
    Ok(view! {
        <Page title="Stop the recovery">
            <h1>"Stop the recovery of your account?"</h1>
            <p class="lead">
                "Somebody used a recovery code of your account. If that was not you, or you can read your email after all, stop it."
            </p>
            <form method="post" action="/fn/recovery-stop">
                <input type="hidden" name="recovery" value=id.to_string() />
                <input type="hidden" name="token" value=token.to_owned() />
                <p class="actions"><PrimaryButton label="Stop it" /></p>
            </form>
        </Page>
    }
    .into_any())
}

pub(super) async fn stop(request: &Request, recovery: &str, token: &str) -> Result<(), Fault> {
    let id: Uuid = recovery.parse().map_err(|_| Fault::NotFound)?;
    let stopped = identity::stop_recovery_by_link(&request.cx, id, token).await?;
    let query = if stopped { "?stopped=yes" } else { "" };
    request.redirect(&format!("/recovery/{id}/{}{query}", crate::ui::query_value(token)));
    Ok(())
}
