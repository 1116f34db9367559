//! The store of many nodes passes the suite: as it is; behind a pooler; where the database puts all
//! transactions in order; and where every act is told at first to try again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;

use std::sync::Arc;

use hallpass_store::{PostgresSettings, PostgresStore, Store};

use cluster::Schema;

/// With few connections, so that acts wait for one another there too.
fn settings(url: String) -> PostgresSettings {
    PostgresSettings { connections: 8, ..PostgresSettings::new(url) }
}

/// What the suite is about does not depend on how busy the machine is; deadlines have tests of their own.
const PATIENT: &str = "-c statement_timeout=60s";

async fn opened(settings: PostgresSettings) -> PostgresStore {
    PostgresStore::open(&settings).await.unwrap().with_patience()
}

mod plain {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        (Arc::new(opened(settings(schema.url_with(PATIENT))).await), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}

mod unprepared {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let settings = PostgresSettings { prepared: false, ..settings(schema.url_with(PATIENT)) };
        (Arc::new(opened(settings).await), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}

mod serializable {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let options = format!("{PATIENT} -c default_transaction_isolation=serializable");
        (Arc::new(opened(settings(schema.url_with(&options))).await), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}

mod conflicts {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let store = opened(settings(schema.url_with(PATIENT))).await;
        (Arc::new(store.with_conflicts()), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}
