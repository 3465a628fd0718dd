//! The real binary as a process of its own: started on a data folder, asked by its command line, killed, started again.

use std::{
    env,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub use super::command::PATIENCE;
use super::services::{ADDRESSES, MASTER_KEY, OPERATOR_TOKEN, PARTITIONS, SECRET, SECRETS};

/// Lines of its log that a failed test prints.
const LAST: usize = 40;

/// Ports that are tried before there is none.
const PORTS: u16 = 2_000;
/// The first of them, below those that systems give to who names none: nothing takes one meanwhile that does not ask for it.
const FIRST: u16 = 20_000;
/// Ports from which a process begins that differ from another's.
const APART: u32 = 400;

/// A port on this machine that nobody listens on, which nobody else of this process is given.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = FIRST + u16::try_from(process::id() % APART).unwrap() * 20;
    let mut ports = (0..PORTS).map(|_| begin + NEXT.fetch_add(1, Ordering::SeqCst));
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).unwrap()
}

/// The services that a process runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing but its data folder.
    Embedded,
    /// The same with the demo, as it is with nothing configured.
    Demo,
    /// The real services.
    Distributed,
    /// Services behind passwords and certificates.
    Secure,
}

/// Variables beside those that every process is given.
type Settings = Vec<(String, String)>;

/// A running Feira with all roles, killed with the test. It fetches no images: what tests import names servers of others.
pub struct Process {
    child: Child,
    mode: Mode,
    settings: Settings,
    folder: TempDir,
}

impl Process {
    /// Starts one on a folder of its own and waits until it is ready.
    pub async fn start(mode: Mode) -> Self {
        Self::start_with(mode, &[]).await
    }

    /// Starts a process with these settings of the environment, or without them where they are empty.
    pub async fn start_with(mode: Mode, settings: &[(&str, &str)]) -> Self {
        Self::start_on(mode, settings, |_| ()).await
    }

    /// Starts a process with these settings on a data folder that is filled first.
    pub async fn start_on(mode: Mode, settings: &[(&str, &str)], fill: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fill(&folder.path().join("data"));
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        // From here on it is killed with the test, however that ends.
        let mut process = Self { child: launch(mode, &settings, folder.path()), mode, settings, folder };
        process.until_ready().await;
        process
    }

    /// After it has ended: starts it on the same folder, and waits until it is ready.
    pub async fn start_again(&mut self) {
        assert!(self.ended().is_some(), "it still runs");
        self.child = launch(self.mode, &self.settings, self.folder.path());
        self.until_ready().await;
    }

    /// Sets the environment that the next start has, beside what every process is given.
    pub fn set(&mut self, settings: &[(&str, &str)]) {
        self.settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    /// After it has ended: starts it on the same folder, and waits until it ends by itself; its exit code.
    pub async fn fails_to_start(&mut self) -> Option<i32> {
        assert!(self.ended().is_some(), "it still runs");
        self.child = launch(self.mode, &self.settings, self.folder.path());
        self.until_ended().await.code()
    }

    /// What it has said on standard output since its last start.
    pub fn greeting(&self) -> String {
        fs::read_to_string(self.folder.path().join("greeting")).unwrap_or_default()
    }

    /// Waits until it says that it is ready.
    pub async fn until_ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.ready().await {
            assert!(self.ended().is_none(), "it ended:\n{}", self.log());
            assert!(Instant::now() < deadline, "never ready:\n{}", self.log());
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn ready(&self) -> bool {
        let Some(url) = self.address() else { return false };
        let asked = client().get(format!("{url}/readyz")).header("host", "localhost");
        asked.timeout(Duration::from_secs(2)).send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// The process's address, without a slash at the end; `None` before its greeting has said so.
    fn address(&self) -> Option<String> {
        let greeting = self.greeting();
        let port = greeting.lines().find_map(|line| line.strip_prefix("Feira is ready: http://localhost:"))?;
        Some(format!("http://127.0.0.1:{}", port.trim_end_matches('/')))
    }

    /// The process's address, without a slash at the end.
    pub fn url(&self) -> String {
        self.address().unwrap()
    }

    /// The process's data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The process's log since it was first started.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The most memory that it has had resident since it was started, in mebibytes.
    pub fn most_memory_mb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        most.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_024
    }

    /// The process's exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([format!("-{signal}"), self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as an operator would.
    pub async fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.until_ended().await
    }

    /// Asks it to stop and waits until it has, so that it can be started again.
    pub async fn pause(&mut self) {
        self.signal("TERM");
        assert!(self.until_ended().await.success(), "it did not stop well:\n{}", self.log());
    }

    /// Waits until it has ended.
    pub async fn until_ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not stop:\n{}", self.log());
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Takes the addresses of services away from a command.
    pub fn bare(command: &mut tokio::process::Command) {
        for address in ADDRESSES {
            command.env_remove(address);
        }
    }

    /// A command of the command line that talks to it.
    pub fn feira(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_feira"));
        command.args(arguments).env("FEIRA_URL", self.url()).env("FEIRA_OPERATOR_TOKEN", OPERATOR_TOKEN);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            // Every client of Kafka says by itself that a broker is away, again and again.
            let (log, told) =
                (self.log(), |line: &&str| !line.contains("BrokerTransportFailure") && !line.contains("FAIL ["));
            let last: Vec<&str> = log.lines().rev().filter(told).take(LAST).collect();
            println!("the process said last:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The environment with which the services of this folder let a process in.
pub fn secure_environment(folder: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join("environment")).unwrap();
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// A client that asks this machine directly.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn launch(mode: Mode, settings: &Settings, folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    match mode {
        Mode::Embedded => {
            command.args(["dev", "--no-demo"]);
            for address in ADDRESSES {
                command.env_remove(address);
            }
        }
        Mode::Demo => {
            command.arg("dev");
            for address in ADDRESSES {
                command.env_remove(address);
            }
        }
        Mode::Distributed => {
            command.arg("run").env("FEIRA_MASTER_KEY", MASTER_KEY).env("FEIRA_SECRETS", SECRETS);
        }
        Mode::Secure => {
            command.arg("run").env("FEIRA_MASTER_KEY", MASTER_KEY).env("FEIRA_SECRETS", SECRETS);
            for address in ADDRESSES {
                command.env_remove(address);
            }
            command.envs(secure_environment(Path::new(&env::var("SERVICES_SECURE").unwrap())));
        }
    }
    let log = File::options().create(true).append(true).open(folder.join("log")).unwrap();
    command
        .current_dir(folder)
        .env("FEIRA_DATA", folder.join("data"))
        .env("FEIRA_LISTEN", "127.0.0.1:0")
        .env("FEIRA_PARTITIONS", PARTITIONS.to_string())
        .env("FEIRA_OPERATOR_TOKEN", OPERATOR_TOKEN)
        .env("FEIRA_SECRET", SECRET)
        .env("FEIRA_FETCH_IMAGES", "false")
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("greeting")).unwrap())
        .stderr(log);
    for (name, value) in settings {
        command.env_remove(format!("{name}_FILE")).env(name, value);
        if value.is_empty() {
            command.env_remove(name);
        }
    }
    command.spawn().unwrap()
}
