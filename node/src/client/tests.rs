//! The command line against a server that answers what it is told to.

use clap::Parser;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// Serves these answers, one a connection, each cut off where its text ends; what was asked comes back.
async fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut connection, _) = listener.accept().await.unwrap();
            asked.push(request(&mut connection).await);
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    (url, serving)
}

async fn request(connection: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let mut part = [0; 1_024];
        let count = connection.read(&mut part).await.unwrap();
        read.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        if body.len() >= length {
            return text;
        }
    }
}

fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

async fn run(words: &[&str], url: &str) -> Result<Outcome, u8> {
    let words = [&["feira"], words, &["--url", url, "--token", "t"]].concat();
    let ran = Client::run(Line::parse_from(words).command).await;
    ran.map_err(|error| error.downcast_ref::<ClientError>().map_or(2, ClientError::exit_code))
}

const CREATE: [&str; 6] = ["tenant", "create", "--subdomain", "moda", "--name", "Moda"];
const MADE: &str = r#"{"tenant_id":"1","subdomain":"moda","admin_token":"t"}"#;

/// The key of each request.
fn keys(asked: &[String]) -> Vec<&str> {
    let key = |text: &'_ str| -> usize { text.find("idempotency-key: ").unwrap() };
    asked.iter().map(|text| text[key(text)..].lines().next().unwrap()).collect()
}

#[tokio::test]
async fn f14_a_write_is_sent_again_under_its_key_until_it_is_decided() {
    let in_progress = r#"{"code":"idempotency_in_progress","detail":"x"}"#;
    let answers = vec![
        answer(202, r#"{"id":"1","status":"pending"}"#),
        answer(409, in_progress),
        answer(503, r#"{"code":"unavailable","detail":"x"}"#),
        answer(201, MADE),
        answer(201, MADE),
    ];
    let (url, asked) = server(answers).await;
    assert_eq!(run(&CREATE, &url).await, Ok(Outcome::Done));
    assert_eq!(run(&CREATE, &url).await, Ok(Outcome::Done));
    let asked = asked.await.unwrap();
    let keys = keys(&asked);
    assert!(keys[..4].iter().all(|key| *key == keys[0] && !key.is_empty()), "{keys:?}");
    assert_ne!(keys[0], keys[4], "another write has another key");
    assert!(asked.iter().all(|text| text.ends_with(r#"{"subdomain":"moda","name":"moda"}"#)), "{asked:?}");
}

#[tokio::test]
async fn what_is_refused_is_1_and_what_nobody_answers_for_is_3() {
    for (answer, code) in [
        (answer(409, r#"{"code":"name_taken","detail":"x"}"#), 1),
        (answer(422, "no JSON"), 1),
        ("HTTP/1.1 201 X\r\ncontent-length: 100\r\n\r\n{\"tenant_id\":".to_owned(), 3),
        ("HTTP/1.1 201 X\r\nconnection: close\r\n\r\n{\"tenant_id\":".to_owned(), 3),
        ("HTTP/1.1 2".to_owned(), 3),
    ] {
        let (url, asked) = server(vec![answer.clone()]).await;
        assert_eq!(run(&CREATE, &url).await, Err(code), "{answer}");
        asked.await.unwrap();
    }
    let (url, _asked) = server(vec![answer(503, r#"{"code":"unavailable","detail":"x"}"#)]).await;
    assert_eq!(run(&["dlq", "list"], &url).await, Err(3));
    assert_eq!(run(&CREATE, "http://127.0.0.1:1").await, Err(3));
}

#[tokio::test]
async fn an_operator_is_invited_by_address_with_a_name_or_without() {
    let invited = r#"{"email":"ana@loja.example","link":"http://localhost/operator/link?t=x","link_until":"2026-01-08T00:00:00Z"}"#;
    let refused = answer(409, r#"{"code":"email_taken","detail":"x"}"#);
    let (url, asked) = server(vec![answer(201, invited), answer(200, invited), refused]).await;
    assert_eq!(run(&["operator", "invite", "ana@loja.example"], &url).await, Ok(Outcome::Done));
    assert_eq!(
        run(&["operator", "invite", "ana@loja.example", "--name", "Ana", "--json"], &url).await,
        Ok(Outcome::Done)
    );
    assert_eq!(run(&["operator", "invite", "ana@loja.example"], &url).await, Err(1));
    let asked = asked.await.unwrap();
    assert!(asked.iter().all(|text| text.starts_with("post /api/operator/v1/staff ")), "{asked:?}");
    assert!(
        asked[0].ends_with(r#"{"email":"ana@loja.example"}"#) && asked[1].ends_with(r#""name":"ana"}"#),
        "{asked:?}"
    );
    assert_ne!(keys(&asked)[0], keys(&asked)[2], "each invitation has a key of its own");
}

#[tokio::test]
async fn a_shop_is_made_with_its_first_administrator_once_it_can_be_read() {
    let none = answer(404, r#"{"code":"not_found","detail":"x"}"#);
    let invited = r#"{"email":"ana@loja.example","link":"http://moda.localhost/admin/link?t=x","link_until":"2026-01-08T00:00:00Z"}"#;
    let read = answer(200, r#"{"status":"active"}"#);
    let (url, asked) = server(vec![answer(201, MADE), none, read.clone(), answer(201, invited)]).await;
    let words = [&CREATE[..], &["--email", "ana@loja.example"]].concat();
    assert_eq!(run(&words, &url).await, Ok(Outcome::Done));
    let asked = asked.await.unwrap();
    assert!(asked[1].starts_with("get /api/operator/v1/tenants/1 ") && asked[2] == asked[1], "{asked:?}");
    assert!(asked[3].starts_with("post /api/operator/v1/tenants/1/staff "), "{asked:?}");
    assert!(asked[3].ends_with(r#"{"email":"ana@loja.example"}"#), "{asked:?}");
    // The shop is made all the same where nobody can be invited.
    let refused = answer(422, r#"{"code":"invalid","detail":"x"}"#);
    let (url, _asked) = server(vec![answer(201, MADE), read, refused]).await;
    assert_eq!(run(&words, &url).await, Err(1));
}

#[tokio::test]
async fn f25_letters_that_can_not_be_put_back_are_1() {
    for (left, outcome) in [(0, Outcome::Done), (2, Outcome::SomeRefused)] {
        let (url, _asked) = server(vec![answer(200, &format!(r#"{{"done":3,"left":{left},"detail":null}}"#))]).await;
        assert_eq!(run(&["dlq", "replay", "all"], &url).await, Ok(outcome));
    }
}

/// Nothing differs is said by 0 alone: of what has not ended nobody knows that yet.
#[tokio::test]
async fn a_reconciliation_that_has_not_ended_is_3_unless_nobody_waits_for_it() {
    let asked = answer(200, r#"{"account_ids":["a"]}"#);
    let listed = |pending| answer(200, &format!(r#"{{"items":[{{"account_id":"a","pending":{pending}}}]}}"#));
    let differ = |items: &str| answer(200, &format!(r#"{{"items":[{items}],"next":null}}"#));
    let words = |wait: &'static str| ["reconcile", "--shop", "moda", "--wait", wait];
    let (url, _asked) = server([vec![asked.clone()], vec![listed(true); 9]].concat()).await;
    let line = [&["feira"], &words("1")[..], &["--url", url.as_str(), "--token", "t"]].concat();
    let error = Client::run(Line::parse_from(line).command).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(ClientError::NotEnded { seconds: 1, .. })), "{error}");
    assert_eq!(exit_code_of(&error), 3);
    assert!(error.to_string().contains("not known yet"), "{error}");
    let (url, _asked) = server(vec![asked.clone()]).await;
    assert_eq!(run(&words("0"), &url).await, Ok(Outcome::Done), "it only asks for it");
    for (items, outcome) in [("", Outcome::Done), ("{}", Outcome::SomeRefused)] {
        let (url, _asked) = server(vec![asked.clone(), listed(true), listed(false), differ(items)]).await;
        assert_eq!(run(&words("9"), &url).await, Ok(outcome));
    }
}

#[tokio::test]
async fn who_follows_a_topic_is_told_that_the_server_has_ended() {
    let (url, _asked) = server(vec![answer(200, "{}\n"), answer(200, "{}\n")]).await;
    assert_eq!(run(&["tap", "admin.events"], &url).await, Ok(Outcome::Done));
    assert_eq!(run(&["tap", "admin.events", "--follow"], &url).await, Err(3));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_sent_and_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("produtos.csv");
    std::fs::File::create(&path).unwrap().set_len(128 * 1024 * 1024 + 1).unwrap();
    let words = ["feira", "import", "--subdomain", "moda", path.to_str().unwrap()];
    // Nobody is there, which would be 3.
    let words = [&words[..], &["--url", "http://127.0.0.1:1", "--token", "t"]].concat();
    let error = Client::run(Line::parse_from(words).command).await.unwrap_err();
    assert!(error.to_string().ends_with("134217729 bytes, and a CSV file may have up to 128 MiB"), "{error}");
    assert_eq!(error.downcast_ref().map(ClientError::exit_code), Some(1));
}

#[tokio::test]
async fn an_image_that_is_too_large_is_an_error_of_its_line_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("produtos.csv");
    std::fs::write(&csv, "Handle,Title\n").unwrap();
    std::fs::File::create(folder.path().join("a.png")).unwrap().set_len(20 * 1024 * 1024 + 1).unwrap();
    let product =
        r#"{"handle":"a","product_id":"1","result":"created","errors":[],"images_waiting":["https://f.test/a.png"]}"#;
    let (url, asked) = server(vec![answer(200, &format!("{product}\n{{\"summary\":{{}}}}\n"))]).await;
    let (csv, images) = (csv.to_str().unwrap(), folder.path().to_str().unwrap());
    assert_eq!(run(&["import", "--subdomain", "moda", csv, "--images", images], &url).await, Ok(Outcome::SomeRefused));
    assert_eq!(asked.await.unwrap().len(), 1);
}

#[test]
fn an_address_that_is_none_is_wrong_use() {
    let line = |url: &str| Line::try_parse_from(["feira", "dlq", "list", "--url", url]);
    for wrong in ["", "banana", "localhost:8080", "http://", "ftp://h", "127.0.0.1:8080"] {
        assert_eq!(line(wrong).err().map(|error| error.exit_code()), Some(2), "{wrong}");
    }
    for good in ["http://localhost:8080/", "https://feira.example", "http://[::1]:80"] {
        assert!(line(good).is_ok(), "{good}");
    }
}

#[test]
fn a_wrong_beginning_is_wrong_use() {
    let tap = |from: &str| Line::try_parse_from(["feira", "tap", "admin.events", "--from", from]);
    assert_eq!(tap("abc").err().map(|error| error.exit_code()), Some(2));
    assert!(tap("3:17").is_ok());
}
