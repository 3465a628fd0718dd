//! The real binary: a server on a folder of its own, and the command line beside it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running `feira dev` without demo. It fetches nothing: tests need no network, and what they import names servers of others.
pub struct Running {
    child: Child,
    pub port: String,
    folder: tempfile::TempDir,
}

impl Running {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_feira"))
            .args(["dev", "--no-demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .env("FEIRA_FETCH_IMAGES", "false")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut greeting = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
        let port = greeting.trim().trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
        Self { child, port, folder }
    }

    /// Runs the command line; its exit code and what it printed. It is never used wrongly here, and somebody always answers.
    pub fn feira(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_feira"))
            .args(arguments)
            .env("FEIRA_URL", format!("http://127.0.0.1:{}", self.port))
            .env("FEIRA_DATA", self.folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), text)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
