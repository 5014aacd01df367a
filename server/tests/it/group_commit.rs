//! SQLite's shared commits when something goes wrong in one of the transactions that share one.

use portal::{Internal, PortalConfig, Tx};
use sea_orm::ConnectionTrait;
use testkit::{Engine, TestCx};

async fn mark(tx: &Tx, name: &str) -> Result<(), Internal> {
    tx.execute_unprepared(&format!("INSERT INTO mark VALUES ('{name}')")).await?;
    Ok(())
}

/// SQLite rolls back everything by itself when the disk fails. Then nobody who shared the commit may be told that it
/// was done without its being done, and the next ones must get on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_transaction_is_done_again_by_those_who_shared_it() {
    let Some(test) = TestCx::new(Engine::Sqlite, PortalConfig::default()).await else { return };
    let db = &test.cx.db;
    db.schema().execute_unprepared("CREATE TABLE mark (name text NOT NULL PRIMARY KEY)").await.unwrap();
    let good = (0..8).map(|n| async move {
        let name = format!("good {n}");
        db.write(|tx| {
            let name = name.clone();
            async move {
                tokio::task::yield_now().await;
                mark(&tx, &name).await
            }
        })
        .await
    });
    let lost = db.write(|tx| async move {
        mark(&tx, "lost").await?;
        tx.execute_unprepared("ROLLBACK").await?;
        Err::<(), _>(Internal::Data("the disk failed".to_owned()))
    });
    let (good, lost) = futures::join!(futures::future::join_all(good), lost);
    assert!(lost.is_err());
    good.into_iter().for_each(|done| done.expect("it was tried again"));
    db.write(|tx| async move { mark(&tx, "after").await }).await.expect("the writer goes on");
    let rows = db.read().query_all_raw(sea_orm::Statement::from_string(
        sea_orm::DbBackend::Sqlite,
        "SELECT name FROM mark ORDER BY name",
    ));
    let names: Vec<String> = rows.await.unwrap().iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let expected: Vec<String> =
        std::iter::once("after".to_owned()).chain((0..8).map(|n| format!("good {n}"))).collect();
    assert_eq!(names, expected);
}

/// Without being asked to look, SQLite takes an index with a thousand rows of one value for as good as any other. What it
/// found is known to reading connections, too, also beside writers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn indexes_are_looked_at_beside_those_who_write() {
    let Some(test) = TestCx::new(Engine::Sqlite, PortalConfig::default()).await else { return };
    let db = &test.cx.db;
    db.schema()
        .execute_unprepared("CREATE TABLE mark (name text NOT NULL PRIMARY KEY, kind text NOT NULL)")
        .await
        .unwrap();
    db.schema().execute_unprepared("CREATE INDEX mark_kind ON mark (kind)").await.unwrap();
    let rows = (0..2_000).map(|n| format!("('{n}', 'same')")).collect::<Vec<_>>().join(",");
    db.schema().execute_unprepared(&format!("INSERT INTO mark VALUES {rows}")).await.unwrap();
    let plan = async || {
        let sql = "EXPLAIN QUERY PLAN SELECT name FROM mark WHERE kind = 'same' AND name IN ('1', '2', '3')";
        let rows = db.read().query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql)).await;
        rows.unwrap().iter().map(|row| row.try_get("", "detail").unwrap()).collect::<Vec<String>>().join("; ")
    };
    let before = plan().await;
    let writes = (0..8).map(|n| async move {
        db.write(|tx| async move {
            tx.execute_unprepared(&format!("INSERT INTO mark VALUES ('new {n}', 'other')")).await?;
            Ok::<_, Internal>(())
        })
        .await
    });
    let (written, tended) = futures::join!(futures::future::join_all(writes), db.tend());
    written.into_iter().for_each(|done| done.expect("written"));
    tended.expect("looked at");
    let after = plan().await;
    assert!(after.contains("(name=?)"), "{before} -> {after}");
    let found = db.read().query_all_raw(sea_orm::Statement::from_string(
        sea_orm::DbBackend::Sqlite,
        "SELECT stat FROM sqlite_stat1 WHERE idx = 'mark_kind'",
    ));
    assert_eq!(found.await.unwrap().len(), 1);
    db.tend().await.expect("there is nothing new to look at");
}
