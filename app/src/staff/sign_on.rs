//! Single sign-on: `/staff/sign-in?next=` shows the networks' identity providers, `/staff/sign-on` sends the browser to one, and
//! `/staff/sign-on/back` takes what it says. Links, not forms: a browser follows no form to another site.

use leptos::prelude::*;
use portal::{
    Browser,
    staff::{self, Choice, SignOnAnswer, SignOnError},
};

use super::door::next_or_desk;
use crate::{
    forms::FormState,
    request::Request,
    ui::{ErrorSummary, LinkButton, Page, answer, gone_to, query_value},
    wire::Fault,
};

const PAGE: &str = "/staff/sign-in";

/// The providers to sign in with before going to a page of the desk; none for other pages.
pub(crate) async fn providers(request: &Request, next: &str) -> Result<Vec<Choice>, Fault> {
    let Some(rest) = next.strip_prefix("/staff").filter(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) else {
        return Ok(Vec::new());
    };
    let first = rest.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    let clinic = (!["", "prove", "app", "join"].contains(&first)).then_some(first);
    Ok(staff::sign_on_choices(&request.cx, clinic).await?)
}

/// Where somebody signs in who was going to `next`.
pub(super) async fn sign_in_page(request: &Request, next: &str) -> Result<String, Fault> {
    let page = if providers(request, next).await?.is_empty() { "/sign-in" } else { PAGE };
    Ok(format!("{page}?next={}", query_value(next)))
}

/// A link to each provider. `again`: whoever is signed in there signs in anew.
#[component]
pub(crate) fn SignOnLinks(choices: Vec<Choice>, next: String, #[prop(optional)] again: bool) -> impl IntoView {
    let several = choices.len() > 1;
    choices
        .into_iter()
        .map(|choice| {
            let again = if again { "&again=yes" } else { "" };
            let next = query_value(&next);
            let href = format!("/staff/sign-on?network={}{again}&next={next}", query_value(&choice.network_slug));
            let network = several.then(|| view! { <p class="hint"><bdi>{choice.network}</bdi></p> });
            view! {
                {network}
                <p class="actions"><LinkButton href=href label=format!("Sign in with {}", choice.provider) /></p>
            }
        })
        .collect_view()
}

/// `/staff/sign-in?next=&why=`.
#[component]
pub fn StaffSignInPage() -> impl IntoView {
    let request = Request::current();
    answer(request.clone(), async move { page(&request).await })
}

async fn page(request: &Request) -> Result<AnyView, Fault> {
    let next = next_or_desk(&request.query("next")).to_owned();
    let choices = providers(request, &next).await?;
    let by_email = format!("/sign-in?next={}", query_value(&next));
    let why = words(&request.query("why"));
    if choices.is_empty() && why.is_none() {
        return Ok(gone_to(request, &by_email));
    }
    let mut state = FormState::default();
    if let Some(why) = why {
        state.fail("sign-on", why);
    }
    let only = !choices.is_empty() && choices.iter().all(|choice| choice.only);
    Ok(view! {
        <Page title="Sign in to work" back=("/", "Find a clinic") error=why.is_some()>
            <ErrorSummary state=state />
            <h1>"Sign in to work"</h1>
            <p class="lead">"Your employer’s own sign-in says who you are and what you do here."</p>
            <div id="sign-on" tabindex="-1">
                <SignOnLinks choices=choices next=next />
            </div>
            {(!only)
                .then(|| {
                    view! {
                        <p>"Were you invited by email? "<a href=by_email>"Sign in with your email address"</a></p>
                    }
                })}
        </Page>
    }
    .into_any())
}

/// Why it did not work, in words. `None` for what is no reason.
fn words(why: &str) -> Option<&'static str> {
    Some(match why {
        "over" => "This sign-in was used already, or took longer than ten minutes. Start again",
        "not-here" => "Nobody signs in that way here any more. Ask whoever manages your clinic’s people",
        "declined" => "Your sign-in was stopped. Start again when you are ready",
        "away" => "Your employer’s sign-in does not answer at the moment. Wait a minute and start again",
        "untrusted" => {
            "What your employer’s sign-in sent back could not be checked, so nobody was signed in. Start again; if it happens again, tell your IT"
        }
        "weak" => {
            "You have to sign in anew, and in the way your clinic asks for, such as with a second factor. Start again; if it happens again, tell your IT"
        }
        "no-post" => {
            "Your employer’s sign-in says nothing of what you do here. Ask whoever manages your account there to give you a role"
        }
        "ended" => "Your work here was ended. Ask whoever manages your clinic’s people",
        _ => return None,
    })
}

/// `/staff/sign-on?network=&next=&again=`: sends the browser to the network's provider.
pub async fn begin(request: &Request) -> Result<(), Fault> {
    let browser = request.session()?;
    let next = next_or_desk(&request.query("next")).to_owned();
    let again = request.query("again") == "yes";
    match staff::begin_sign_on(&request.cx, &browser, &request.query("network"), &next, again).await {
        Ok(provider) => {
            request.leave_for(&provider);
            Ok(())
        }
        Err(error) => refuse(request, error, &next),
    }
}

/// `/staff/sign-on/back`: what the provider says.
pub async fn back(request: &Request) -> Result<(), Fault> {
    // A browser that kept no session has nothing that an answer could be for.
    let Some(browser) = request.browser.clone() else { return refuse(request, SignOnError::Over, "/staff") };
    let some = |name: &str| Some(request.query(name)).filter(|value| !value.is_empty());
    let answer = SignOnAnswer {
        state: request.query("state"),
        code: request.query("code"),
        iss: some("iss"),
        error: some("error"),
    };
    let next = staff::waiting_next(&request.cx, &browser).await?.unwrap_or_else(|| "/staff".to_owned());
    match staff::finish_sign_on(&request.cx, &browser, &answer).await {
        Ok(signed) => {
            request.signed_in(&signed.browser, &signed.token).await?;
            request.redirect(next_or_desk(&signed.next));
            Ok(())
        }
        Err(error) => refuse(request, error, &next),
    }
}

fn refuse(request: &Request, error: SignOnError, next: &str) -> Result<(), Fault> {
    let why = error.code();
    if let SignOnError::Internal(error) = error {
        return Err(error.into());
    }
    request.redirect(&format!("{PAGE}?why={why}&next={}", query_value(next_or_desk(next))));
    Ok(())
}

/// `/staff/prove` for whoever came by a provider: the same again.
pub(super) async fn prove(
    request: &Request,
    browser: &Browser,
    next: &str,
    locked: bool,
) -> Result<Option<AnyView>, Fault> {
    let Browser::Vouched(vouched) = browser else { return Ok(None) };
    let choice = staff::sign_on_choice_of(&request.cx, vouched).await?;
    let Some(choice) = choice else { return Ok(Some(gone_to(request, &sign_in_page(request, next).await?))) };
    let title = if locked { "The desk is locked" } else { "Show that it is you" };
    let lead = if locked {
        "Nobody did anything for a while, or you locked it. Sign in once more to go on."
    } else {
        "This needs a fresh proof, because somebody else may sit at your desk."
    };
    Ok(Some(
        view! {
            <Page title=title back=("/", "Find a clinic")>
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                <SignOnLinks choices=vec![choice] next=next.to_owned() again=true />
            </Page>
        }
        .into_any(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words() {
        let all = [
            SignOnError::Over,
            SignOnError::NotHere,
            SignOnError::Declined,
            SignOnError::Away,
            SignOnError::Untrusted,
            SignOnError::Weak,
            SignOnError::NoPost,
            SignOnError::Ended,
        ];
        for error in all {
            assert!(words(error.code()).is_some(), "{error}");
        }
        assert_eq!(words("<script>"), None);
    }
}
