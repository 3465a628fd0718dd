//! The commands that talk to a running Feira by its operator API.

mod dead_letters;
mod export;
mod generations;
mod import;
mod operators;
mod progress;
mod reconcile;
mod tap;
mod tenants;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::{Args, Subcommand};
use feira_schemas::secret::Secret;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::{config::is_http, output::masked, serve::Credentials};

pub use dead_letters::DeadLetters;
pub use export::Export;
pub use generations::Generations;
pub use import::Import;
pub use reconcile::Reconcile;
pub use tap::Tap;

/// The time for which a write is sent again until it is decided: enough for a broker or a processor that starts
/// again.
const DECIDED_WITHIN: Duration = Duration::from_secs(30);
/// The pause between two attempts: half of what an answer's `Retry-After` asks for, and what a person does not
/// notice.
const PAUSE: Duration = Duration::from_millis(500);

/// Commands that talk to a running Feira by its operator API.
#[derive(Subcommand)]
pub enum Command {
    /// Shops.
    Tenant {
        /// The command on shops.
        #[command(subcommand)]
        command: tenants::Tenant,
    },
    /// Tokens of a shop's admin API.
    Token {
        /// The command on tokens.
        #[command(subcommand)]
        command: tenants::Token,
    },
    /// Operators: the platform's own staff.
    Operator {
        /// The command on operators.
        #[command(subcommand)]
        command: operators::Operator,
    },
    /// Import products from Shopify's CSV.
    Import(Import),
    /// Export a shop's products as Shopify's CSV.
    Export(Export),
    /// Print a topic's records, a JSON object per line.
    Tap(Tap),
    /// Dead letters: records that could not be worked on.
    Dlq(DeadLetters),
    /// Generations of tables and search shards.
    Generations(Generations),
    /// Compare a shop's charges with its gateways' lists now, and print what differs.
    Reconcile(Reconcile),
}

/// The address of the running Feira, and the operator's token.
#[derive(Args, Clone)]
pub struct Connection {
    /// Address of the platform.
    #[arg(long, env = "FEIRA_URL", default_value = "http://localhost:8080", value_parser = address)]
    url: String,
    /// Operator token; else FEIRA_OPERATOR_TOKEN, else credentials.json of the data folder.
    #[arg(long)]
    token: Option<Secret>,
    /// Data folder of an embedded Feira on this machine.
    #[arg(long, env = "FEIRA_DATA", default_value = "data")]
    data: PathBuf,
}

/// An address of the platform, without a slash at the end.
fn address(text: &str) -> Result<String, &'static str> {
    match is_http(text) {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err("it is an address such as http://localhost:8080"),
    }
}

/// The end of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was done: exit code 0.
    Done,
    /// Some of it was refused; the output says what.
    SomeRefused,
}

impl Outcome {
    /// The exit code: 0 if all was done, 1 if some was refused.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeRefused => 1,
        }
    }
}

/// The failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server does not answer, or not in time.
    #[error("{} can't be reached: {why}. Is Feira running there? `--url` names another address", masked(.url))]
    Unreachable {
        /// The address that was asked.
        url: String,
        /// The reason.
        why: String,
    },
    /// The server was reached, and its answer broke off.
    #[error("{} broke off in the middle of its answer: {why}", masked(.url))]
    CutOff {
        /// The address that was asked.
        url: String,
        /// The reason.
        why: String,
    },
    /// The server answers, and has not decided the write in 30 s.
    #[error(
        "{} did not decide within {} s: {why}. It may still be done; look before you repeat it",
        masked(.url),
        DECIDED_WITHIN.as_secs()
    )]
    Undecided {
        /// The address that was asked.
        url: String,
        /// The last answer.
        why: String,
    },
    /// The server works on what was asked for, and has not ended it in the time that the caller waits.
    #[error(
        "{} has not ended it within {seconds} s, so what differs is not known yet. It goes on there: ask again, or `--wait` longer",
        masked(.url)
    )]
    NotEnded {
        /// The address that was asked.
        url: String,
        /// The seconds that were waited.
        seconds: u64,
    },
    /// The server answers with a problem (RFC 9457).
    #[error("{status}: {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The problem's code; empty if it has none.
        code: String,
        /// The problem's `detail`, in words.
        detail: String,
    },
    /// A file is not sent, because it would not be taken: it would be cut off on its way, which looks as if nobody were there.
    #[error("{file} has {bytes} bytes, and {what} may have up to {limit} MiB")]
    TooLarge {
        /// The file's path.
        file: String,
        /// The file's size in bytes.
        bytes: u64,
        /// The kind of file, for the message.
        what: &'static str,
        /// The limit in MiB.
        limit: usize,
    },
}

impl ClientError {
    /// True if the same request may be decided a moment later.
    fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, code, .. } => *status == 503 || code == "idempotency_in_progress",
            Self::Unreachable { .. }
            | Self::CutOff { .. }
            | Self::Undecided { .. }
            | Self::NotEnded { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// 1 for a refusal, 3 where nobody has answered for it, or not yet.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Refused { status: 503, .. }
            | Self::Unreachable { .. }
            | Self::CutOff { .. }
            | Self::Undecided { .. }
            | Self::NotEnded { .. } => 3,
            Self::Refused { .. } | Self::TooLarge { .. } => 1,
        }
    }
}

/// 1 for a refusal, 2 for wrong use (as clap has it), 3 if nobody answers, or not yet.
pub fn exit_code_of(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<ClientError>().map_or(2, ClientError::exit_code)
}

/// A connection to the operator API.
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Secret,
}

impl Client {
    /// Does what a command asks.
    pub async fn run(command: Command) -> anyhow::Result<Outcome> {
        match command {
            Command::Tenant { command } => tenants::tenant(command).await,
            Command::Token { command } => tenants::token(command).await,
            Command::Operator { command } => operators::run(command).await,
            Command::Import(command) => import::run(command).await,
            Command::Export(command) => export::run(command).await,
            Command::Tap(command) => tap::run(command).await,
            Command::Dlq(command) => dead_letters::run(command).await,
            Command::Generations(command) => generations::run(command).await,
            Command::Reconcile(command) => reconcile::run(command).await,
        }
    }

    fn open(connection: &Connection) -> anyhow::Result<Self> {
        let set = connection.token.clone().or_else(|| std::env::var("FEIRA_OPERATOR_TOKEN").ok().map(Secret::from));
        let token = match set.filter(|token| !token.is_empty()) {
            Some(token) => token,
            None => {
                Credentials::read(&connection.data)
                    .map_err(|error| {
                        anyhow::anyhow!("no operator token: give --token, FEIRA_OPERATOR_TOKEN, or --data ({error:#})")
                    })?
                    .operator_token
            }
        };
        Ok(Self { http: reqwest::Client::builder().build()?, url: connection.url.clone(), token })
    }

    fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/operator/v1{path}", self.url)).bearer_auth(self.token.expose())
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let unreachable =
            |error: reqwest::Error| ClientError::Unreachable { url: self.url.clone(), why: root_of(error) };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.text().await.map_err(unreachable)?;
        let problem: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = |name: &str| problem[name].as_str().map(str::to_owned);
        let (code, detail) = (said("code").unwrap_or_default(), said("detail").unwrap_or(text));
        Err(ClientError::Refused { status: status.as_u16(), code, detail })
    }

    /// Sends a write under a key of its own until it is decided: with the key, however often it comes, it is done once.
    async fn write(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let key = hex::encode(rand::random::<[u8; 16]>());
        let request = request.header("idempotency-key", key);
        let begun = Instant::now();
        loop {
            // A body that can't be sent twice is sent once; none of ours is.
            let Some(once) = request.try_clone() else { return self.send(request).await };
            let why = match self.send(once).await {
                Ok(response) if response.status() == StatusCode::ACCEPTED => "it is kept and waits".to_owned(),
                Err(error) if error.may_pass() => error.to_string(),
                decided => return decided,
            };
            if begun.elapsed() + PAUSE > DECIDED_WITHIN {
                return Err(ClientError::Undecided { url: self.url.clone(), why });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends a write and gives the JSON of its answer. The answer is short, so one that hangs for as long as all of it
    /// may take never comes.
    async fn written(&self, request: RequestBuilder) -> Result<Value, ClientError> {
        self.read(self.write(request.timeout(DECIDED_WITHIN)).await?).await
    }

    async fn json(&self, request: RequestBuilder) -> Result<Value, ClientError> {
        self.read(self.send(request).await?).await
    }

    /// The JSON of an answer. One that ends early is none.
    async fn read(&self, response: Response) -> Result<Value, ClientError> {
        let body = response.bytes().await.map_err(|error| self.cut_off(root_of(error)))?;
        serde_json::from_slice(&body).map_err(|error| self.cut_off(error.to_string()))
    }

    fn cut_off(&self, why: String) -> ClientError {
        ClientError::CutOff { url: self.url.clone(), why }
    }
}

/// Prints the lines of an answer as they come; what each holds goes to `each` as well.
async fn lines(
    mut response: Response,
    url: &str,
    mut each: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let cut_off = |error: reqwest::Error| ClientError::CutOff { url: url.to_owned(), why: root_of(error) };
    let mut rest: Vec<u8> = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(cut_off)? {
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            each(std::str::from_utf8(&line)?.trim_end())?;
        }
    }
    if rest.is_empty() { Ok(()) } else { each(std::str::from_utf8(&rest)?.trim_end()) }
}

/// The innermost cause of an error of the HTTP client, whose own words say only at what step it was.
fn root_of(error: reqwest::Error) -> String {
    anyhow::Error::from(error).root_cause().to_string()
}
