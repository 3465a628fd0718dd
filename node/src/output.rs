//! Standard output and standard error, either of which may be a pipe that whoever reads it closes at any time.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

/// Prints a line. Unlike `println!` it does not panic where the pipe was closed: that is an error, which ends what only prints,
/// and which [`reader_has_enough`] knows again.
pub fn print(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// Says on standard error why a command failed, or what its exit code alone doesn't tell.
pub fn complain(why: impl Display) {
    // Nobody is left to be told that nobody is told.
    let _ = writeln!(io::stderr(), "feira: {why}");
}

/// True if the error says that the reader of standard output has closed it: `feira … | head` is no failure.
pub fn reader_has_enough(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Ends the process, once its runtime has ended, without what C libraries do at exit: OpenSSL gives its tables back then, and a
/// thread of librdkafka that is still leaving a broker is killed by that (SIGSEGV instead of the code).
pub fn leave(code: u8) -> ! {
    // Whoever reads it has gone, or has it already.
    let _ = io::stdout().flush();
    signal_hook::low_level::exit(code.into())
}

/// A text with what stands before the last `@` of its authority hidden: a user alone may be a secret as well. It need not be an
/// address; one that is written wrongly hides rather too much.
pub fn masked(address: &str) -> String {
    let Some((before, host)) = address.rsplit_once('@') else { return address.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}(secret)@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named_in_an_address_is_hidden_and_nothing_else() {
        for (address, shown) in [
            ("", ""),
            ("redis://h:1", "redis://h:1"),
            ("redis://u:s3cr3t@h:1", "redis://(secret)@h:1"),
            ("redis://:s3cr3t@h:1/0", "redis://(secret)@h:1/0"),
            ("http://s3cr3t@r/base", "http://(secret)@r/base"),
            ("http://u:s3/cr@3t,@r", "http://(secret)@r"),
            ("a:9092,b:9092", "a:9092,b:9092"),
            ("u:s3cr3t@a:9092,u:s3cr3t@b:9092", "(secret)@b:9092"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }

    #[test]
    fn only_a_closed_pipe_is_a_reader_who_has_enough() {
        let error = |kind: ErrorKind| anyhow::Error::from(io::Error::from(kind));
        assert!(reader_has_enough(&error(ErrorKind::BrokenPipe)));
        assert!(!reader_has_enough(&error(ErrorKind::StorageFull)));
        assert!(!reader_has_enough(&anyhow::anyhow!("broken pipe")));
    }
}
