//! How far a command is, on a terminal: nothing is drawn where standard error is read by a program.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Two redraws a second show that it goes on, also where the number of what is done stands still.
const REDRAWN: Duration = Duration::from_millis(500);
/// Done of all, by the second, and the time that is left.
const OF_ALL: &str = "{bar:30} {human_pos}/{human_len} products, {per_sec}, {eta} left";
/// Done, where nobody knows of how much.
const SO_FAR: &str = "{spinner} {bytes}, {bytes_per_sec}";

/// The progress of a command.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// The progress over this many products. A command whose lines a program reads has none.
    pub fn over(products: Option<u64>, is_for_programs: bool) -> Self {
        match products.filter(|_| !is_for_programs && is_seen()) {
            Some(products) => Self::drawn(ProgressBar::new(products), OF_ALL),
            None => Self(ProgressBar::hidden()),
        }
    }

    /// The progress of what has no known end, in bytes.
    pub fn of_bytes() -> Self {
        if is_seen() { Self::drawn(ProgressBar::new_spinner(), SO_FAR) } else { Self(ProgressBar::hidden()) }
    }

    fn drawn(bar: ProgressBar, template: &str) -> Self {
        bar.set_draw_target(ProgressDrawTarget::stderr());
        // A template that is not understood is the usual one.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(REDRAWN);
        Self(bar)
    }

    /// Counts what was done.
    pub fn add(&self, done: u64) {
        self.0.inc(done);
    }

    /// Prints something while nothing is drawn: both may be on one terminal.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Takes away what is drawn.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// True if somebody looks at standard error.
fn is_seen() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_for_programs_or_where_the_end_is_not_known() {
        for progress in [Progress::over(Some(3), true), Progress::over(None, false)] {
            assert!(progress.0.is_hidden());
            progress.add(2);
            assert_eq!((progress.0.position(), progress.aside(|| 7)), (2, 7));
        }
    }

    #[test]
    fn templates_are_understood() {
        for template in [OF_ALL, SO_FAR] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
