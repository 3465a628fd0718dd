//! Connections: few at once, and each for many mails.

use std::time::Duration;

use feira_connectors::mail::{Mail, Message, NotSent, Outcome, Refused};
use feira_schemas::ids::EffectId;
use uuid::Uuid;

use crate::{
    given::{AT, message, open, platform},
    server::{Act, Rules, Server},
};

fn numbered(number: u128) -> Message {
    Message { effect: EffectId::from_uuid(Uuid::from_u128(number)), ..message() }
}

#[tokio::test]
async fn many_mails_at_once_take_few_connections_and_all_arrive() {
    let server =
        Server::start(Rules { acts: vec![(".", Act::Late(Duration::from_millis(20)))], ..Rules::default() }).await;
    let mail = Mail::smtp(&open(&server), &platform()).unwrap();
    let sending = (0..60).map(|number| {
        let mail = mail.clone();
        tokio::spawn(async move { mail.send(&numbered(number), AT).await })
    });
    for outcome in futures::future::join_all(sending).await {
        assert_eq!(outcome.unwrap(), Outcome::Sent);
    }
    let mut ids: Vec<String> = server
        .taken()
        .iter()
        .map(|taken| taken.mail.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60, "each arrived once");
    assert!(server.most() <= 4, "{} connections at once", server.most());
    assert!(server.connections() < 10, "{} connections", server.connections());
}

#[tokio::test]
async fn a_connection_goes_on_after_a_recipient_that_there_is_not() {
    let acts = vec![("RCPT", Act::Say("550 5.1.1 nobody"))];
    let server = Server::start(Rules { acts, ..Rules::default() }).await;
    let mail = Mail::smtp(&open(&server), &platform()).unwrap();
    for number in 0..3 {
        assert!(matches!(mail.send(&numbered(number), AT).await, Outcome::Refused(Refused::Recipient(_))));
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(server.said().iter().filter(|line| line.as_str() == "RSET").count(), 3, "{:?}", server.said());
}

#[tokio::test]
async fn a_server_that_has_hung_up_meanwhile_costs_no_mail() {
    // It ends each connection at the question whether it is still there.
    let server = Server::start(Rules { acts: vec![("NOOP", Act::End)], ..Rules::default() }).await;
    let mail = Mail::smtp(&open(&server), &platform()).unwrap();
    for number in 0..3 {
        assert_eq!(mail.send(&numbered(number), AT).await, Outcome::Sent);
    }
    assert_eq!((server.taken().len(), server.connections()), (3, 3));
}

#[tokio::test]
async fn a_connection_that_broke_is_not_used_again() {
    let server = Server::start(Rules { acts: vec![("MAIL", Act::End)], ..Rules::default() }).await;
    let mail = Mail::smtp(&open(&server), &platform()).unwrap();
    for number in 0..2 {
        assert_eq!(mail.send(&numbered(number), AT).await, Outcome::NotSent(NotSent::Incomplete));
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_ends_with_a_goodbye_after_fifty_mails() {
    let server = Server::start(Rules::default()).await;
    let mail = Mail::smtp(&open(&server), &platform()).unwrap();
    for number in 0..51 {
        assert_eq!(mail.send(&numbered(number), AT).await, Outcome::Sent);
    }
    assert_eq!(server.connections(), 2);
    assert_eq!(server.said().iter().filter(|line| line.as_str() == "QUIT").count(), 1);
}
