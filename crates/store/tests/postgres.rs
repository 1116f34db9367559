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

mod plain {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let store = PostgresStore::open(&settings(schema.url())).await.unwrap();
        (Arc::new(store), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}

mod unprepared {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let settings = PostgresSettings { prepared: false, ..settings(schema.url()) };
        (Arc::new(PostgresStore::open(&settings).await.unwrap()), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}

mod serializable {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let url = schema.url_with("-c default_transaction_isolation=serializable");
        (Arc::new(PostgresStore::open(&settings(url)).await.unwrap()), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}

mod conflicts {
    use super::*;

    async fn empty_store() -> (Arc<dyn Store>, Schema) {
        let schema = Schema::empty().await;
        let store = PostgresStore::open(&settings(schema.url())).await.unwrap();
        (Arc::new(store.with_conflicts()), schema)
    }

    hallpass_store::conformance_tests!(empty_store);
}
