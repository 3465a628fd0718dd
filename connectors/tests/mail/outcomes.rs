//! What becomes of a sending, whatever the server does.

use std::time::{Duration, Instant};

use feira_connectors::mail::{Mail, Message, NotSent, Outcome, Refused, SmtpLimits, SmtpSettings, Status, Unknown};

use crate::{
    given::{AT, limits, message, open, platform},
    server::{Act, Rules, Server},
};

fn status(code: u16, enhanced: Option<(u16, u16, u16)>) -> Status {
    Status { code, enhanced }
}

async fn sent(server: &Server, limits: SmtpLimits) -> Outcome {
    sent_as(server, limits, &message()).await
}

async fn sent_as(server: &Server, limits: SmtpLimits, message: &Message) -> Outcome {
    Mail::smtp(&SmtpSettings { limits, ..open(server) }, &platform()).unwrap().send(message, AT).await
}

#[tokio::test]
async fn every_answer_of_a_server_says_what_may_be_done_next() {
    let refused = |why| Outcome::Refused(why);
    let not_sent = |why| Outcome::NotSent(why);
    let later = |code, enhanced| not_sent(NotSent::Later(status(code, enhanced)));
    for (step, act, expected) in [
        ("GREETING", Act::Say("554 no mail here"), not_sent(NotSent::Unwilling(status(554, None)))),
        ("GREETING", Act::Say("421 4.3.2 closing"), later(421, Some((4, 3, 2)))),
        ("GREETING", Act::Say("SSH-2.0-server"), not_sent(NotSent::NoConnection)),
        ("GREETING", Act::End, not_sent(NotSent::NoConnection)),
        ("EHLO", Act::Say("502 what?"), not_sent(NotSent::Unwilling(status(502, None)))),
        ("EHLO", Act::End, not_sent(NotSent::NoConnection)),
        ("MAIL", Act::Say("550 5.7.1 not from you"), not_sent(NotSent::Sender(status(550, Some((5, 7, 1)))))),
        ("MAIL", Act::Say("530 5.7.0 log in"), not_sent(NotSent::Login(Some(status(530, Some((5, 7, 0))))))),
        ("MAIL", Act::Say("552 5.3.4 too long"), refused(Refused::Content(status(552, Some((5, 3, 4)))))),
        ("MAIL", Act::Say("451 later"), later(451, None)),
        ("MAIL", Act::Say("354 what?"), not_sent(NotSent::Incomplete)),
        ("MAIL", Act::End, not_sent(NotSent::Incomplete)),
        (
            "RCPT",
            Act::Say("550 5.1.1 <ana@casa.example>: nobody"),
            refused(Refused::Recipient(status(550, Some((5, 1, 1))))),
        ),
        (
            "RCPT",
            Act::Say("553-5.1.3 bad\r\n553 5.1.3 address"),
            refused(Refused::Recipient(status(553, Some((5, 1, 3))))),
        ),
        (
            "RCPT",
            Act::Say("554 5.7.1 <ana@casa.example>: Relay access denied"),
            not_sent(NotSent::Unwilling(status(554, Some((5, 7, 1))))),
        ),
        ("RCPT", Act::Say("451 4.7.1 greylisted"), later(451, Some((4, 7, 1)))),
        ("RCPT", Act::Say("452"), later(452, None)),
        ("RCPT", Act::Say("250\r\n250 one too many"), not_sent(NotSent::Incomplete)),
        ("RCPT", Act::End, not_sent(NotSent::Incomplete)),
        ("DATA", Act::Say("554 5.5.1 no valid recipients"), refused(Refused::Content(status(554, Some((5, 5, 1)))))),
        ("DATA", Act::Say("450 later"), later(450, None)),
        ("DATA", Act::Say("250 what?"), not_sent(NotSent::Incomplete)),
        ("DATA", Act::End, not_sent(NotSent::Incomplete)),
        ("MESSAGE", Act::End, not_sent(NotSent::Incomplete)),
        ("MESSAGE", Act::Say("421 going"), not_sent(NotSent::Incomplete)),
        (".", Act::Say("554 5.7.1 spam"), refused(Refused::Content(status(554, Some((5, 7, 1)))))),
        (".", Act::Say("451 4.3.0 no room"), later(451, Some((4, 3, 0)))),
        (".", Act::Say("354 what?"), Outcome::Unknown(Unknown::Unreadable)),
        (".", Act::Say("taken"), Outcome::Unknown(Unknown::Unreadable)),
        (".", Act::End, Outcome::Unknown(Unknown::Reset)),
        (".", Act::Say("250"), Outcome::Sent),
        (".", Act::Say("250-2.0.0\r\n250 queued as 1"), Outcome::Sent),
    ] {
        let server = Server::start(Rules { acts: vec![(step, act)], ..Rules::default() }).await;
        let outcome = sent(&server, limits()).await;
        assert_eq!(outcome, expected, "{step}: {act:?}");
        for shown in [format!("{outcome:?}"), outcome.to_string()] {
            assert!(!shown.contains("casa.example") && !shown.contains("greylisted"), "the server's words: {shown}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let short = Duration::from_millis(300);
    for (step, limits, expected) in [
        ("GREETING", SmtpLimits { connect: short, ..limits() }, Outcome::NotSent(NotSent::NoConnection)),
        ("EHLO", SmtpLimits { connect: short, ..limits() }, Outcome::NotSent(NotSent::NoConnection)),
        ("MAIL", SmtpLimits { reply: short, ..limits() }, Outcome::NotSent(NotSent::Incomplete)),
        ("RCPT", SmtpLimits { reply: short, ..limits() }, Outcome::NotSent(NotSent::Incomplete)),
        ("DATA", SmtpLimits { reply: short, ..limits() }, Outcome::NotSent(NotSent::Incomplete)),
        (".", SmtpLimits { taken: short, ..limits() }, Outcome::Unknown(Unknown::TimedOut)),
    ] {
        let server = Server::start(Rules { acts: vec![(step, Act::Silence)], ..Rules::default() }).await;
        let begun = Instant::now();
        assert_eq!(sent(&server, limits).await, expected, "{step}");
        assert!(begun.elapsed() >= short && begun.elapsed() < Duration::from_secs(10), "{step}: {:?}", begun.elapsed());
    }
    for step in ["GREETING", "EHLO", "MAIL", "RCPT", "."] {
        let late = Act::Late(Duration::from_millis(300));
        let server = Server::start(Rules { acts: vec![(step, late)], ..Rules::default() }).await;
        assert_eq!(sent(&server, limits()).await, Outcome::Sent, "{step} is late, and within its time");
        assert_eq!(server.taken().len(), 1, "{step}");
    }
}

/// A server that takes nothing of a long message, and doesn't end the connection either.
#[tokio::test]
async fn a_message_that_gets_stuck_on_its_way_was_not_sent() {
    let server = Server::start(Rules { acts: vec![("MESSAGE", Act::Silence)], ..Rules::default() }).await;
    let long = Message { html: "é".repeat(128 << 10).into(), text: "é".repeat(32 << 10).into(), ..message() };
    let outcome = sent_as(&server, SmtpLimits { taken: Duration::from_millis(500), ..limits() }, &long).await;
    // The system may take all of it, and then the dot as well.
    assert!(
        matches!(outcome, Outcome::NotSent(NotSent::Incomplete) | Outcome::Unknown(Unknown::TimedOut)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn nobody_at_the_address_is_no_connection() {
    // A socket that is bound keeps its port from others, and takes no connection.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = held.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        let settings = SmtpSettings::parse(&format!("smtp://{host}:{port}")).unwrap();
        let mail = Mail::smtp(&settings, &platform()).unwrap();
        assert_eq!(mail.send(&message(), AT).await, Outcome::NotSent(NotSent::NoConnection));
        assert_eq!(mail.place(&message()), format!("smtp://{host}:{port}"));
    }
    let nowhere = SmtpSettings { limits: limits(), ..SmtpSettings::parse("smtps://nobody.invalid").unwrap() };
    let mail = Mail::smtp(&nowhere, &platform()).unwrap();
    assert_eq!(mail.send(&message(), AT).await, Outcome::NotSent(NotSent::NoConnection));
}
