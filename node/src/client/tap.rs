//! Taps a topic: a JSON object per record.

use clap::Args;
use reqwest::Method;

use super::{Client, Connection, Outcome, lines};
use crate::output::print;

/// Arguments of `feira tap`.
#[derive(Args)]
pub struct Tap {
    /// Topic, such as admin.events.
    topic: String,
    /// Only this shop's records: its id or its sub-domain.
    #[arg(long)]
    tenant: Option<String>,
    /// `earliest`, `latest` or `PARTITION:OFFSET`.
    #[arg(long, default_value = "earliest", value_parser = beginning)]
    from: String,
    /// Go on with records as they come.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    connection: Connection,
}

/// A beginning, as the server takes it.
fn beginning(text: &str) -> Result<String, &'static str> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let place = text.split_once(':').is_some_and(|(partition, offset)| {
        number(partition) && number(offset) && partition.parse::<u32>().is_ok() && offset.parse::<i64>().is_ok()
    });
    match place || matches!(text, "earliest" | "latest") {
        true => Ok(text.to_owned()),
        false => Err("it is `earliest`, `latest` or PARTITION:OFFSET"),
    }
}

pub(super) async fn run(tap: Tap) -> anyhow::Result<Outcome> {
    let client = Client::open(&tap.connection)?;
    let mut query = vec![("from", tap.from), ("follow", tap.follow.to_string())];
    if let Some(tenant) = tap.tenant {
        query.push(("tenant", tenant));
    }
    let request = client.request(Method::GET, &format!("/topics/{}/records", tap.topic)).query(&query);
    let response = client.send(request).await?;
    lines(response, &client.url, |line| Ok(print(line)?)).await?;
    // Who follows ends when its user does. However orderly the server ended, more records will come.
    match tap.follow {
        true => Err(client.cut_off("it is stopping".to_owned()).into()),
        false => Ok(Outcome::Done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_one_of_three() {
        for good in ["earliest", "latest", "0:0", "3:17"] {
            assert_eq!(beginning(good).as_deref(), Ok(good));
        }
        for wrong in ["", "abc", "3", "3:", ":3", "3:-1", "+3:1", "99999999999:1", "1:99999999999999999999"] {
            assert!(beginning(wrong).is_err(), "{wrong}");
        }
    }
}
