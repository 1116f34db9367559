//! The guide, end to end: from the app's link to the token, and every turn on the way.

use crate::support::{MIXTAPE_URI, TestServer, link};

#[tokio::test]
async fn the_guide_from_a_link_to_a_token() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.visit(&link(&[("scope", "email history"), ("state", "34fFs29kd09Pz")])).await;
    assert_eq!(page.h1(), "Sign in");
    let answer = ada.sign_in_on(&page, "ada").await;
    let page = ada.follow(answer).await;
    assert_eq!(page.h1(), "Mixtape asks for your permission");

    let answer = ada.agree(&page).await;
    assert_eq!(answer.status, 303);
    let token = answer.landing().fragment("access_token").unwrap().to_owned();
    assert_eq!(
        answer.location(),
        format!(
            "{MIXTAPE_URI}#access_token={token}&token_type=Bearer&expires_in=3600\
             &state=34fFs29kd09Pz&iss=https%3A%2F%2Faccounts.example"
        )
    );
}
