//! What a node says of itself.

use std::time::Duration;

use tokio::time;

use crate::support::{Answer, Nodes, TestServer, Trouble};

async fn ready(server: &TestServer) -> Answer {
    server.browser().get("/health/ready").await
}

async fn live(server: &TestServer) -> Answer {
    server.browser().get("/health/live").await
}

/// Why a node is not ready.
async fn reason(server: &TestServer) -> String {
    let answer = ready(server).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.json()["status"], "unready");
    answer.json()["reason"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_node_is_ready_for_as_long_as_it_hears() {
    let nodes = Nodes::start().await;
    let node = &nodes.one;
    assert_eq!(ready(node).await.json()["status"], "ready");
    time::pause();
    node.follow().await.unwrap();
    time::advance(Duration::from_millis(1_400)).await;
    assert_eq!(reason(node).await, "this node has not heard from the database for 1.4 s");
    assert_eq!(live(node).await.json()["status"], "live");
    time::resume();
    node.follow().await.unwrap();
    assert_eq!(ready(node).await.status, 200);
}

#[tokio::test]
async fn a_node_that_is_alone_is_ready_if_its_database_answers() {
    let server = TestServer::start().await;
    assert_eq!(ready(&server).await.status, 200);
    server.trouble_store(Trouble::Fails);
    assert_eq!(reason(&server).await, "the database does not answer");
    assert_eq!(live(&server).await.status, 200);
    server.trouble_store(Trouble::None);
    assert_eq!(ready(&server).await.status, 200);
}

#[tokio::test]
async fn st_09_health_tells_nothing_of_users_or_apps() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for path in ["/health/live", "/health/ready"] {
        let (of_ada, of_nobody) = (ada.get(path).await, server.browser().get(path).await);
        assert_eq!(of_ada.body, of_nobody.body);
        assert_eq!(of_nobody.json().as_object().unwrap().len(), 1, "{of_nobody:#?}");
    }
}

#[tokio::test]
async fn a_node_that_is_about_to_end_says_so_and_serves_on() {
    let server = TestServer::start().await;
    let before = live(&server).await;
    assert_eq!(before.header("connection"), None);
    server.app.departure.announce();
    assert_eq!(reason(&server).await, "this node is about to end");
    let mut ada = server.browser_of("ada").await;
    let page = ada.get("/dashboard").await;
    assert_eq!((page.status.as_u16(), page.header("connection")), (200, Some("close")));
}
