//! The browser's passkey dialog. Options and answers are WebAuthn's own JSON, made and read by the browser itself
//! (`parseCreationOptionsFromJSON`, `toJSON`); a browser without these is not offered passkeys.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{
    api::{ask_passkey, keep_passkey, offer_passkey, prove_passkey},
    island::Told,
};
use crate::wire::Fault;

/// Why nothing came of it.
enum Miss {
    /// The person closed the dialog, or it was replaced by another.
    Closed,
    Fault(Fault),
    Browser,
}

impl From<Fault> for Miss {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<JsValue> for Miss {
    fn from(error: JsValue) -> Self {
        let name = Reflect::get(&error, &"name".into()).ok().and_then(|n| n.as_string()).unwrap_or_default();
        match name.as_str() {
            "NotAllowedError" | "AbortError" => Self::Closed,
            _ => Self::Browser,
        }
    }
}

pub(super) fn maker(told: Told, next: String) -> impl Fn() + 'static {
    able(told, "parseCreationOptionsFromJSON");
    move || {
        let next = next.clone();
        run(told, async move {
            make().await?;
            Ok(next)
        });
    }
}

pub(super) fn prover(told: Told, next: String) -> impl Fn() + 'static {
    able(told, "parseRequestOptionsFromJSON");
    let waiting = StoredValue::new_local(None::<JsValue>);
    let in_field = next.clone();
    Effect::new(move |_| {
        let next = in_field.clone();
        if told.able.get() {
            spawn_local(async move {
                // Nothing is said when nothing comes of it: nobody pressed anything.
                if can_offer_in_field().await
                    && let Ok(next) = prove(next, Some(waiting)).await
                {
                    go(&next);
                }
            });
        }
    });
    move || {
        // The browser knows one dialog at a time.
        if let Some(controller) = waiting.try_update_value(Option::take).flatten() {
            call(&controller, "abort", &[]).ok();
        }
        let next = next.clone();
        run(told, async move { prove(next, None).await });
    }
}

fn able(told: Told, needed: &'static str) {
    Effect::new(move |_| {
        let kind = Reflect::get(&js_sys::global(), &"PublicKeyCredential".into()).unwrap_or_default();
        told.able.set(!kind.is_undefined() && Reflect::get(&kind, &needed.into()).is_ok_and(|f| f.is_function()));
    });
}

fn run(told: Told, work: impl Future<Output = Result<String, Miss>> + 'static) {
    if told.busy.get_untracked() {
        return;
    }
    told.busy.set(true);
    told.error.set(String::new());
    spawn_local(async move {
        match work.await {
            Ok(next) => return go(&next),
            Err(Miss::Fault(Fault::Again)) => return go("/sign-in/again?next=/account/passkey"),
            Err(Miss::Fault(Fault::SignIn)) => return go("/sign-in"),
            Err(Miss::Closed) => told.error.set("Nothing was done. Try again, or use a code by email".to_owned()),
            Err(Miss::Fault(_) | Miss::Browser) => {
                told.error.set("This did not work. Try again, or use a code by email".to_owned());
            }
        }
        told.busy.set(false);
    });
}

async fn make() -> Result<(), Miss> {
    let options = parsed("parseCreationOptionsFromJSON", &offer_passkey().await?)?;
    let asked = Object::new();
    Reflect::set(&asked, &"publicKey".into(), &options)?;
    let made = credentials("create", &asked).await?;
    keep_passkey(json(&made)?).await?;
    Ok(())
}

/// With `waiting`, in the background until somebody picks a passkey in the field.
async fn prove(next: String, waiting: Option<StoredValue<Option<JsValue>, LocalStorage>>) -> Result<String, Miss> {
    let options = parsed("parseRequestOptionsFromJSON", &ask_passkey().await?)?;
    let asked = Object::new();
    Reflect::set(&asked, &"publicKey".into(), &options)?;
    if let Some(waiting) = waiting {
        let controller: Function = Reflect::get(&js_sys::global(), &"AbortController".into())?.dyn_into()?;
        let controller = Reflect::construct(&controller, &js_sys::Array::new())?;
        Reflect::set(&asked, &"signal".into(), &Reflect::get(&controller, &"signal".into())?)?;
        Reflect::set(&asked, &"mediation".into(), &"conditional".into())?;
        waiting.set_value(Some(controller));
    }
    let answer = credentials("get", &asked).await?;
    Ok(prove_passkey(json(&answer)?, next).await?)
}

async fn can_offer_in_field() -> bool {
    let kind = Reflect::get(&js_sys::global(), &"PublicKeyCredential".into()).unwrap_or_default();
    let Ok(asked) = call(&kind, "isConditionalMediationAvailable", &[]) else { return false };
    JsFuture::from(Promise::resolve(&asked)).await.is_ok_and(|able| able.is_truthy())
}

/// `navigator.credentials.create` or `.get`.
async fn credentials(what: &str, asked: &Object) -> Result<JsValue, Miss> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let store = Reflect::get(&navigator, &"credentials".into())?;
    let promise = call(&store, what, &[asked])?;
    Ok(JsFuture::from(Promise::resolve(&promise)).await?)
}

fn parsed(by: &str, text: &str) -> Result<JsValue, Miss> {
    let kind = Reflect::get(&js_sys::global(), &"PublicKeyCredential".into())?;
    Ok(call(&kind, by, &[&JSON::parse(text)?])?)
}

fn json(credential: &JsValue) -> Result<String, Miss> {
    let plain = call(credential, "toJSON", &[])?;
    JSON::stringify(&plain)?.as_string().ok_or(Miss::Browser)
}

fn call(on: &JsValue, name: &str, with: &[&JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(on, &name.into())?.dyn_into()?;
    function.apply(on, &with.iter().copied().collect())
}

fn go(path: &str) {
    window().location().assign(path).ok();
}
