//! The process that drives a browser, on a port of its own.

use std::{
    env,
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{PATIENCE, POLL};
use crate::common::process::free_port;

/// Where a command lies.
pub(super) fn found(command: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(command)).find(|file| file.is_file())
}

/// A chromedriver that runs. It is killed with this, and whatever of its group is left.
pub(super) struct Chromedriver {
    child: Child,
    /// The port that it listens on.
    pub port: u16,
}

impl Chromedriver {
    /// Starts one whose log lies in this folder, and waits until it takes sessions.
    pub async fn start(program: &Path, folder: &Path, client: &reqwest::Client) -> Self {
        let (port, log) = (free_port(), folder.join("chromedriver.log"));
        let said = File::create(&log).unwrap();
        let mut command = Command::new(program);
        command.arg(format!("--port={port}")).process_group(0).stdin(Stdio::null());
        command.stdout(said.try_clone().unwrap()).stderr(said);
        let mut driver = Self { child: command.spawn().unwrap(), port };
        let deadline = Instant::now() + PATIENCE;
        while !driver.is_ready(client).await {
            let said = || fs::read_to_string(&log).unwrap_or_default();
            assert!(driver.child.try_wait().unwrap().is_none(), "chromedriver has ended: {}", said());
            assert!(Instant::now() < deadline, "chromedriver is never ready: {}", said());
            sleep(POLL).await;
        }
        driver
    }

    async fn is_ready(&self, client: &reqwest::Client) -> bool {
        let status = client.get(format!("http://127.0.0.1:{}/status", self.port));
        status.timeout(Duration::from_secs(5)).send().await.is_ok_and(|answer| answer.status().is_success())
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
