//! Every test runs on both engines.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use server::config::Config;

use crate::{Engine, TestApp};

/// Makes each named `async fn(TestApp)` two tests: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::run($crate::Engine::Sqlite, super::$name).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::run($crate::Engine::Postgres, super::$name).await;
            }
        }
    )+};
}

/// Runs a test on a fresh `TestApp`, looks at what it left behind, and tidies up whatever happened.
pub async fn run<F, Fut>(engine: Engine, test: F)
where
    F: FnOnce(TestApp) -> Fut,
    Fut: Future<Output = ()>,
{
    run_with(engine, |_| {}, test).await;
}

/// The same with another configuration.
pub async fn run_with<F, Fut>(engine: Engine, change: impl FnOnce(&mut Config), test: F)
where
    F: FnOnce(TestApp) -> Fut,
    Fut: Future<Output = ()>,
{
    let Some(app) = TestApp::start_with(engine, change).await else { return };
    let outcome = AssertUnwindSafe(async {
        test(app.clone()).await;
        app.check().await;
    })
    .catch_unwind()
    .await;
    app.stop().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
