//! `feira import` as a merchant's helper runs it: its lines as they are printed, and how it ends.

use std::{path::Path, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

use super::{process::Process, shop::Shop};

/// An import under way.
pub struct Import {
    child: Child,
    printed: Lines<BufReader<ChildStdout>>,
    lines: Vec<Value>,
}

/// An import that has ended.
#[derive(Debug)]
pub struct Imported {
    /// The command's exit code.
    pub code: i32,
    /// The lines of standard output, one per product.
    pub lines: Vec<Value>,
    /// The last line, if it came so far.
    pub summary: Option<Value>,
    /// The text on standard error.
    pub said: String,
}

impl Import {
    /// Begins to import a file into a shop.
    pub fn begin(process: &Process, shop: &Shop, file: &Path) -> Self {
        let mut command = process.feira(&["import", "--subdomain", &shop.subdomain, "--json", file.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let printed = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, printed, lines: Vec::new() }
    }

    /// Waits until so many lines are printed.
    pub async fn until(&mut self, count: usize) {
        while self.lines.len() < count {
            assert!(self.line().await, "it ended after {} lines", self.lines.len());
        }
    }

    async fn line(&mut self) -> bool {
        let line = self.printed.next_line().await.unwrap();
        self.lines.extend(line.as_ref().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        line.is_some()
    }

    /// Waits for its end.
    pub async fn end(mut self) -> Imported {
        while self.line().await {}
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
        let code = self.child.wait().await.unwrap().code().unwrap();
        let summary = self.lines.pop_if(|last| last.get("summary").is_some());
        Imported { code, lines: self.lines, summary: summary.map(|line| line["summary"].clone()), said }
    }
}

impl Imported {
    /// Imports a file into a shop to its end.
    pub async fn whole(process: &Process, shop: &Shop, file: &Path) -> Self {
        let imported = Import::begin(process, shop, file).end().await;
        assert_eq!(imported.code, 0, "{imported:?}");
        assert!(imported.summary.is_some(), "{imported:?}");
        imported
    }

    /// The position of the last product: whoever reads at least that sees all of them.
    pub fn position(&self) -> &str {
        self.lines.last().unwrap()["position"].as_str().unwrap()
    }

    /// Asserts that it came to its end, and made so many products.
    pub fn made(&self, products: usize) {
        assert_eq!(self.code, 0, "after {} lines: {}", self.lines.len(), self.said);
        assert_eq!(self.count("created"), products, "{}", self.said);
    }

    /// The number of products that ended like this, by the summary, which agrees with the lines.
    pub fn count(&self, result: &str) -> usize {
        let count = self.lines.iter().filter(|line| line["result"] == result).count();
        assert_eq!(self.summary.as_ref().unwrap()[result], count, "{result}");
        count
    }
}
