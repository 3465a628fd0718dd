//! The command line: what a process is asked to do.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use feira_web::site::Site;

use crate::{
    client::{self, Client},
    config::{self, Config, ConfigError, Role},
    counters, descriptors, keyring, mail,
    node::Node,
    output::{self, complain, leave, print},
    ports::{self, PortError},
    serve::{self, Credentials},
    simulator,
    telemetry::{self, Found, Signals},
};

/// Many independent shops in one deployment.
#[derive(Parser)]
#[command(name = "feira", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Options of `dev`, which runs where no command is named.
    #[command(flatten)]
    dev: Dev,
}

#[derive(Subcommand)]
enum Command {
    /// Everything in one process, with three demo shops and plans to sign up to (the default).
    Dev(Dev),
    /// A process of a deployment, with the roles it is given.
    Run(Run),
    /// Print the configuration in force, with secrets masked.
    Config,
    /// Make the topics, and check those that are there.
    Topics,
    /// Schemas of this program.
    Schemas {
        #[command(subcommand)]
        command: Schemas,
    },
    /// The keyring: keys of what people typed about themselves.
    Keyring {
        /// Data folder of an embedded keyring.
        #[arg(long, global = true)]
        data: Option<PathBuf>,
        /// The command on the keyring.
        #[command(subcommand)]
        command: keyring::Command,
    },
    /// Mail: what shops and the platform write to people.
    Mail {
        /// Data folder, where mails are files.
        #[arg(long, global = true)]
        data: Option<PathBuf>,
        /// The command on mail.
        #[command(subcommand)]
        command: mail::Command,
    },
    /// A payment gateway that moves no money, for trying payments.
    SimulateGateway(feira_simulator::cli::Options),
    /// Commands that talk to a running Feira by its operator API.
    #[command(flatten)]
    Client(client::Command),
}

#[derive(Args)]
struct Dev {
    /// Folder of everything that is kept.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Start without demo shops and plans.
    #[arg(long)]
    no_demo: bool,
    /// Loops that share out each context's partitions; as many as cores, if left out.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    threads: Option<u32>,
}

#[derive(Args)]
struct Run {
    /// Roles of this process, comma-separated; all if left out.
    #[arg(long, value_delimiter = ',', value_parser = config::role())]
    roles: Vec<Role>,
    /// Makes this process a static member of its groups: a restart within the session time-out moves no partition.
    #[arg(long)]
    instance: Option<String>,
    /// Loops that share out each context's partitions; as many as cores, if left out.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    threads: Option<u32>,
}

#[derive(Subcommand)]
enum Schemas {
    /// Check this program's schemas against the registry, registering none.
    Check,
}

/// Does what the command line asks, and ends the process.
pub fn main(site: Site) -> ! {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Dev(cli.dev));
    let code = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(done(command, site)),
        Err(error) => fail(&error.into()),
    };
    leave(code)
}

/// Does it, and says with which code the process ends.
async fn done(command: Command, site: Site) -> u8 {
    let done = match command {
        Command::Client(command) => return client(command).await,
        Command::Keyring { data, command } => return keyring(data, command).await,
        Command::Mail { data, command } => return mail(data, command).await,
        Command::Dev(options) => dev(options, site).await,
        Command::Run(options) => run(options, site).await,
        Command::Config => config(),
        Command::Topics => topics().await,
        Command::Schemas { command: Schemas::Check } => schemas_check().await,
        Command::SimulateGateway(options) => simulate_gateway(options).await,
    };
    done.map_or_else(|error| fail(&error), |()| 0)
}

/// 2 for a configuration that can't be used (as clap has it for a command line), 1 for the rest.
fn fail(error: &anyhow::Error) -> u8 {
    if output::reader_has_enough(error) {
        return 0;
    }
    complain(format_args!("{error:#}"));
    let wrongly_set = matches!(error.downcast_ref(), Some(PortError::Config(_)));
    if error.is::<ConfigError>() || wrongly_set { 2 } else { 1 }
}

async fn client(command: client::Command) -> u8 {
    match Client::run(command).await {
        Ok(outcome) => outcome.exit_code(),
        Err(error) if output::reader_has_enough(&error) => 0,
        Err(error) => {
            complain(format_args!("{error:#}"));
            client::exit_code_of(&error)
        }
    }
}

/// 1 where a key can't be opened, 3 where its store does not answer.
async fn keyring(data: Option<PathBuf>, command: keyring::Command) -> u8 {
    let run = async {
        telemetry::start()?;
        let mut config = Config::load()?;
        config.data = data.unwrap_or(config.data);
        config.validate()?;
        command.run(&config).await
    };
    match run.await {
        Ok(all_well) => u8::from(!all_well),
        Err(error) if keyring::is_away(&error) => {
            complain(format_args!("{error:#}"));
            3
        }
        Err(error) => fail(&error),
    }
}

/// 1 where a mail is refused, 3 where it was not sent, or nobody says whether it was.
async fn mail(data: Option<PathBuf>, command: mail::Command) -> u8 {
    let run = async {
        telemetry::start()?;
        let mut config = Config::load()?;
        config.data = data.unwrap_or(config.data);
        config.validate()?;
        command.run(&config).await
    };
    run.await.unwrap_or_else(|error| fail(&error))
}

async fn dev(options: Dev, site: Site) -> anyhow::Result<()> {
    let mut config = Config::load()?;
    config.data = options.data.unwrap_or(config.data);
    config.listen = options.listen.unwrap_or(config.listen);
    config.demo = !options.no_demo;
    config.threads = options.threads.unwrap_or(config.threads);
    work(config, site, Mode::Dev).await
}

async fn run(options: Run, site: Site) -> anyhow::Result<()> {
    let mut config = Config::load()?;
    if !options.roles.is_empty() {
        config.roles = options.roles.into_iter().collect();
    }
    config.instance = options.instance.unwrap_or(config.instance);
    config.threads = options.threads.unwrap_or(config.threads);
    work(config, site, Mode::Run).await
}

fn config() -> anyhow::Result<()> {
    let config = Config::load()?;
    config.validate()?;
    Ok(print(format_args!("{config:#?}"))?)
}

async fn topics() -> anyhow::Result<()> {
    telemetry::start()?;
    let config = Config::load()?;
    config.validate()?;
    let log = ports::open_log(&config)?;
    for spec in feira_streams::platform::ensure_topics(&log, config.partitions).await? {
        print(format_args!("{} {} partitions, kept {:?}", spec.name, spec.partitions, spec.retention))?;
    }
    Ok(())
}

async fn schemas_check() -> anyhow::Result<()> {
    let config = Config::load()?;
    config.validate()?;
    let registry = ports::open_registry(&config)?;
    let schemas = feira_schemas::records::record_schemas().map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut wrong = 0;
    for (name, schema) in schemas {
        let fits = registry.check(name, &schema.json).await?;
        print(format_args!("{} {name}", if fits { "ok        " } else { "INCOMPATIBLE" }))?;
        wrong += usize::from(!fits);
    }
    anyhow::ensure!(wrong == 0, "{wrong} schemas would break readers");
    Ok(())
}

async fn simulate_gateway(options: feira_simulator::cli::Options) -> anyhow::Result<()> {
    let running = options.start().await?;
    let mut signals = Signals::hear();
    print(format_args!("{}", feira_simulator::cli::greeting(&running)?))?;
    signals.asked().await;
    running.stop().await;
    Ok(())
}

/// The command by which a process works.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Dev,
    Run,
}

/// Works until a signal or a part that can't go on.
async fn work(config: Config, site: Site, mode: Mode) -> anyhow::Result<()> {
    let metrics = telemetry::start()?;
    config.validate()?;
    if config.roles.contains(&Role::Api) {
        Credentials::known(&config)?;
    }
    for sentence in config.alone() {
        tracing::warn!("{sentence}");
    }
    counters::begin(&config.roles, &if config.roles.contains(&Role::Api) { (site.routes)() } else { Vec::new() });
    descriptors::raise();
    let mut node = Node::start(&config).await?;
    let mut signals = Signals::hear();
    if config.roles.contains(&Role::Api) {
        let mut credentials = Credentials::of(&config)?;
        let api = serve::api(&node, &config, &credentials, Some(metrics), site)?;
        let address = serve::start(&mut node, api.clone(), &config, site).await?;
        if let Some(ended) = whole(&mut node).await {
            return end(node, ended).await;
        }
        if config.kafka_brokers.is_empty() {
            simulator::check_accounts(&node.platform.state, node.simulator.as_ref()).await?;
        }
        let (mut others, mut sign_up) = (Vec::new(), false);
        if config.demo {
            others = serve::demo(&mut node, &api, &config, &mut credentials).await?;
            serve::demo_payments(&node, &api, &credentials, address).await?;
            sign_up = serve::demo_platform(&node, &api, address).await?;
        }
        let operator = if mode == Mode::Dev { serve::first_operator(&api).await? } else { None };
        let (operator, simulation) = (operator.as_deref(), api.simulation.as_ref());
        let found = Found { others: &others, sign_up, operator, simulation };
        telemetry::greet(&config, address, &credentials, &found);
    } else {
        let address = serve::start_probes(&mut node, &config, Some(metrics))?;
        tracing::info!(%address, "without the role api this process answers /healthz, /readyz and /metrics alone");
    }
    let ended = tokio::select! {
        () = signals.asked() => Ended::Asked,
        error = node.failed() => Ended::Failed(error),
    };
    end(node, ended).await
}

/// The end of a process.
enum Ended {
    Asked,
    Failed(anyhow::Error),
}

/// Waits until every table is of this program's generation, showing how far they are; not longer than the process works.
async fn whole(node: &mut Node) -> Option<Ended> {
    let (platform, mut signals) = (node.platform.clone(), Signals::hear());
    tokio::select! {
        biased;
        () = platform.generations.until_tables_are_whole() => None,
        never = telemetry::show_folds(&platform) => match never {},
        () = signals.asked() => Some(Ended::Asked),
        error = node.failed() => Some(Ended::Failed(error)),
    }
}

async fn end(node: Node, ended: Ended) -> anyhow::Result<()> {
    match ended {
        Ended::Asked => {
            tracing::info!("stopping");
            // What hangs beyond this is not saved by waiting longer: the log holds all that was acknowledged.
            tokio::time::timeout(std::time::Duration::from_secs(40), node.stop()).await?
        }
        Ended::Failed(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::book::{self, BOOK};

    /// Follows the words of a command down the parser: a subcommand, a flag of it, or a value. The first that is none comes back.
    fn unknown_in<'a>(cli: &clap::Command, words: &'a [String]) -> Option<&'a str> {
        let mut at = cli;
        for word in words {
            let is_known = match word.strip_prefix("--") {
                Some(flag) => at.get_arguments().any(|argument| argument.get_long() == Some(flag)),
                None => at.find_subcommand(word).is_some() || !at.has_subcommands(),
            };
            if !is_known {
                return Some(word);
            }
            at = at.find_subcommand(word).unwrap_or(at);
        }
        None
    }

    #[test]
    fn every_command_that_the_operators_book_names_is_there() {
        let mut cli = Cli::command();
        cli.build();
        let commands = book::commands(&book::text(BOOK));
        for words in &commands {
            assert_eq!(unknown_in(&cli, words), None, "{BOOK}: feira {}", words.join(" "));
        }
        assert!(commands.iter().any(|words| *words == ["keyring", "check"]), "{commands:?}");
        let unknown = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            unknown_in(&cli, &words).map(str::to_owned)
        };
        assert_eq!(unknown("keyring lose"), Some("lose".to_owned()));
        assert_eq!(unknown("dlq list --groups"), Some("--groups".to_owned()));
        assert_eq!(unknown("keyring restore --data DIR"), None, "a flag of the command above it");
    }

    #[test]
    fn the_help_names_every_role_with_what_it_does() {
        let mut cli = Cli::command();
        let help = cli.find_subcommand_mut("run").unwrap().render_long_help().to_string();
        for role in Role::ALL {
            assert!(help.contains(&format!("- {role}:")) && help.contains(role.does()), "{role} is missing:\n{help}");
        }
        let run = |roles: &str| Cli::try_parse_from(["feira", "run", "--roles", roles]);
        let Some(Command::Run(all)) = run(&Role::list()).unwrap().command else { panic!("another command") };
        assert_eq!(all.roles, Role::ALL);
        assert!(run("search,buyer").is_err());
    }

    #[test]
    fn s110_compose_runs_the_one_binary_with_roles_by_its_flag() {
        let (compose, image) = (book::text("docker-compose.yml"), book::text("Dockerfile"));
        assert!(image.contains("\nENTRYPOINT [\"feira\"]\n"), "{image}");
        let (_, command) = compose.split_once("    build: .\n    command: [").unwrap();
        let (command, _) = command.split_once("]\n").unwrap();
        let words = command.split(", ").map(|word| word.trim_matches('"'));
        let parsed = Cli::try_parse_from(["feira"].into_iter().chain(words)).unwrap();
        let Some(Command::Run(whole)) = parsed.command else { panic!("another command: {command}") };
        assert_eq!(whole.roles, Role::ALL, "one machine runs them all in one process");
        // The same binary is each service alone.
        for role in Role::ALL {
            let parsed = Cli::try_parse_from(["feira", "run", "--roles", role.name()]).unwrap();
            let Some(Command::Run(alone)) = parsed.command else { panic!("another command") };
            assert_eq!(alone.roles, [role]);
        }
        // The addresses that it is given are those of services of the same file.
        for (name, service) in [
            ("FEIRA_KAFKA_BROKERS: ", "kafka"),
            ("FEIRA_SCYLLA_NODES: ", "scylla"),
            ("FEIRA_REDIS_URL: redis://", "redis"),
            ("FEIRA_REGISTRY_URL: http://", "registry"),
        ] {
            assert!(compose.contains(&format!("\n      {name}{service}:")), "{name}");
            assert!(compose.contains(&format!("\n  {service}:\n    image: ")), "{service} is no service");
        }
    }
}
