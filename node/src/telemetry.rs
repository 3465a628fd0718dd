//! Log lines, metrics, and the greeting of `feira dev`.

use std::{
    convert::Infallible,
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    time::Duration,
};

use feira_demo::staff::OPERATOR;
use feira_streams::{health::Doing, platform::Platform};
use feira_web::context::Simulation;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{Signal, SignalKind, signal as on};
use tracing_subscriber::EnvFilter;

use crate::{config::Config, output::print, serve::Credentials};

/// Buckets of `*_duration_seconds`, as OpenTelemetry's messaging conventions have them.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Starts log lines (as text on standard error; `RUST_LOG` filters them) and metrics.
pub fn start() -> anyhow::Result<PrometheusHandle> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,tantivy=warn,fjall=warn,lsm_tree=warn"));
    // A second call, as tests make it, keeps the first subscriber.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Lossy(std::io::stderr()));
    let _ = lines.log_internal_errors(false).try_init();
    let recorder = PrometheusBuilder::new().set_buckets(SECONDS)?.build_recorder();
    let handle = recorder.handle();
    let _ = metrics::set_global_recorder(recorder);
    Ok(handle)
}

/// Log lines whose place takes none: its reader is gone, or it lies on a disk that is full. They are lost and counted; whoever told
/// standard error about that would fail there, too, and the process has more to do than to be heard.
struct Lossy<W>(W);

impl<W: Write> Write for Lossy<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.write_all(line).is_err() {
            metrics::counter!("feira_log_lines_lost_total").increment(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush(); // As above.
        Ok(())
    }
}

/// The signals by which a process is asked to end, SIGTERM and SIGINT. They are heard from when this is made, so what is said to the
/// outside after that can be answered by one.
pub struct Signals(Option<(Signal, Signal)>);

impl Signals {
    /// Begins to hear them. Until somebody waits for them they end nothing.
    pub fn hear() -> Self {
        Self(on(SignalKind::terminate()).and_then(|terminate| Ok((terminate, on(SignalKind::interrupt())?))).ok())
    }

    /// Waits for one of them. A process that can't hear them waits for ever and must be killed.
    pub async fn asked(&mut self) {
        match &mut self.0 {
            Some((terminate, interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            None => std::future::pending().await,
        }
    }
}

/// The time between two lines on a terminal about the progress of folds.
const SHOWN_EVERY: Duration = Duration::from_millis(500);

/// Shows on a terminal how far the folds of new generations are, for as long as it is polled. Where standard error is none the log
/// has it all.
pub async fn show_folds(platform: &Platform) -> Infallible {
    if !std::io::stderr().is_terminal() {
        return std::future::pending().await;
    }
    loop {
        let folding = platform.health.all().into_iter().filter_map(|(name, (doing, _))| match doing {
            Doing::Folding(progress) => Some(format!("{name}: {progress}")),
            _ => None,
        });
        let shown = folding.collect::<Vec<_>>().join("; ");
        if !shown.is_empty() {
            // Over the line of before; whoever closed the terminal does not want to know.
            let _ = write!(std::io::stderr(), "\r\x1b[K{shown}");
        }
        tokio::time::sleep(SHOWN_EVERY).await;
    }
}

/// What a greeting speaks of beside the configuration and the credentials.
#[derive(Default)]
pub struct Found<'a> {
    /// The sub-domains of demo shops that were made with other credentials.
    pub others: &'a [&'a str],
    /// True if the platform offers plans, which are paid at the simulator.
    pub sign_up: bool,
    /// The path of the link of the first operator, who was invited now.
    pub operator: Option<&'a str>,
    /// The simulator of payments.
    pub simulation: Option<&'a Simulation>,
}

/// Says where everything is, on standard output; who closed it does not want to know.
pub fn greet(config: &Config, address: SocketAddr, credentials: &Credentials, found: &Found<'_>) {
    let _ = print(greeting(config, address, credentials, found));
}

fn greeting(config: &Config, address: SocketAddr, credentials: &Credentials, found: &Found<'_>) -> String {
    let at = |host: &str| format!("http://{host}:{}/", address.port());
    let mut lines = vec![format!("Feira is ready: {}", at(&config.platform_domain))];
    lines.extend(found.sign_up.then(|| {
        format!("  {}  the platform's site: plans and sign-up (simulated payments)", at(&config.platform_domain))
    }));
    lines.extend(credentials.shops.iter().map(|(subdomain, shop)| {
        format!(
            "  {}  admin token {}",
            at(&format!("{subdomain}.{}", config.platform_domain)),
            shop.admin_token.expose()
        )
    }));
    lines.extend(found.others.iter().map(|subdomain| {
        let at = at(&format!("{subdomain}.{}", config.platform_domain));
        format!("  {at}  made with other credentials; a token: feira token create --subdomain {subdomain}")
    }));
    lines.extend(found.simulation.map(|Simulation { address, .. }| {
        format!("  {address}/  payments are simulated, and no money moves: pay a Pix or boleto of a shop here")
    }));
    lines.extend(found.operator.map(|link| {
        let address = format!("http://{}:{}{link}", config.platform_domain, address.port());
        format!("  {address}  the first operator, {OPERATOR}, chooses a password here, once")
    }));
    lines.push(format!("  operator token and all of these: {}", Credentials::path(&config.data).display()));
    lines.join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::serve::ShopCredentials;

    #[test]
    fn a_line_that_can_not_be_written_is_lost_and_nothing_else() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let mut lossy = Lossy(Full);
        assert!(lossy.write_all(b"a line\n").is_ok() && lossy.flush().is_ok());
        let mut written = Vec::new();
        Lossy(&mut written).write_all(b"a line\n").unwrap();
        assert_eq!(written, b"a line\n");
    }

    #[test]
    fn a_shop_of_other_credentials_is_greeted_with_the_way_to_a_token() {
        let casa = ShopCredentials { tenant_id: "1".into(), admin_token: "feira_t".into() };
        let credentials = Credentials { shops: [("casa".to_owned(), casa)].into(), ..Credentials::default() };
        let found = Found { others: &["moda"], ..Found::default() };
        let said = greeting(&Config::default(), SocketAddr::from(([127, 0, 0, 1], 81)), &credentials, &found);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "Feira is ready: http://localhost:81/");
        assert_eq!(lines[1], "  http://casa.localhost:81/  admin token feira_t");
        assert!(lines[2].starts_with("  http://moda.localhost:81/  made with other credentials"), "{said}");
        assert!(!said.contains("simulated") && !said.contains("first operator"), "{said}");
        assert!(lines[2].ends_with("feira token create --subdomain moda"), "{said}");
    }

    #[test]
    fn f37_a_platform_that_takes_sign_ups_is_greeted_with_its_site() {
        let address = SocketAddr::from(([127, 0, 0, 1], 81));
        let said = |sign_up| {
            let found = Found { sign_up, ..Found::default() };
            greeting(&Config::default(), address, &Credentials::default(), &found)
        };
        let line = "\n  http://localhost:81/  the platform's site: plans and sign-up (simulated payments)\n";
        assert!(said(true).contains(line), "{}", said(true));
        assert!(!said(false).contains("sign-up"), "{}", said(false));
    }

    #[test]
    fn the_first_operator_is_greeted_with_its_link() {
        let address = SocketAddr::from(([127, 0, 0, 1], 81));
        let found = Found { operator: Some("/operator/link?t=x"), ..Found::default() };
        let said = greeting(&Config::default(), address, &Credentials::default(), &found);
        assert!(
            said.contains("\n  http://localhost:81/operator/link?t=x  the first operator, operador@feira.example,"),
            "{said}"
        );
    }

    #[test]
    fn f37_simulated_payments_are_greeted_as_such() {
        let simulation = Simulation { address: "http://127.0.0.1:8091".into(), gave_out: Arc::new(|_, _| false) };
        let address = SocketAddr::from(([127, 0, 0, 1], 81));
        let found = Found { simulation: Some(&simulation), ..Found::default() };
        let said = greeting(&Config::default(), address, &Credentials::default(), &found);
        assert!(said.contains("\n  http://127.0.0.1:8091/  payments are simulated, and no money moves"), "{said}");
    }
}
