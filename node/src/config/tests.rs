#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use feira_connectors::{
    log::{PasswordMechanism, Sasl},
    mail::SmtpSecurity,
    tls::Tls,
};

use feira_schemas::groups::GROUPS;

use super::*;
use crate::book::{self, BOOK};

#[test]
fn the_default_is_valid_and_secrets_are_not_printed() {
    let config = Config {
        operator_token: "s3cr3t".into(),
        master_key: format!("s3cr3t:{}", "0123abcd".repeat(8)).into(),
        secrets: format!("index:{0},s3cr3t:{0}", "0123abcd".repeat(8)).into(),
        redis_url: "redis://u:s3cr3t@h:1".into(),
        registry_url: "http://u:s3cr3t@r".into(),
        s3_url: "http://key:s3cr3t@h/bucket".into(),
        ..Config::default()
    };
    config.validate().unwrap();
    let nowhere = Config { kafka_brokers: "u:s3cr3t@k:9092".into(), scylla_nodes: "u:s3cr3t@n".into(), ..config };
    let refused = nowhere.validate().unwrap_err();
    let shown = format!("{nowhere:#?} {refused}");
    assert!(
        !shown.contains("s3cr3t") && !shown.contains("0123abcd") && shown.contains("redis://(secret)@h:1"),
        "{shown}"
    );
}

/// The roles of before: an embedded process that names them would leave the panel's search and images to nobody.
#[test]
fn an_embedded_process_that_lacks_a_role_is_told_which() {
    let before = ["directory", "admin", "store", "search", "storefront", "api"].map(|role| role.parse().unwrap());
    let refused = Config { roles: before.into(), ..Config::default() }.validate().unwrap_err().to_string();
    assert!(refused.contains("panel,effects"), "{refused}");
    let on_kafka = Config {
        roles: before.into(),
        kafka_brokers: "k:9092".into(),
        registry_url: "http://r".into(),
        ..Config::default()
    };
    on_kafka.validate().unwrap();
}

/// The README and docker-compose.yml list the roles: `FEIRA_UPDATE=1 cargo test -p feira-node readme_and_compose` writes them.
#[test]
fn readme_and_compose_name_every_role_and_its_groups() {
    let rows: String = Role::ALL.into_iter().map(row_of_readme).collect();
    let readme = [
        ("| role | does | consumer groups |\n|---|---|---|\n", rows, "\n"),
        ("`feira run [--roles ", Role::list(), "]`"),
    ];
    let compose = [("command: [run, --roles, \"", Role::list(), "\"]")];
    for (file, parts) in [("README.md", &readme[..]), ("docker-compose.yml", &compose[..])] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let written = fs::read_to_string(&path).unwrap();
        let expected =
            parts.iter().fold(written.clone(), |text, (after, part, before)| put(&text, after, part, before));
        if std::env::var("FEIRA_UPDATE").is_ok_and(|value| value == "1") {
            fs::write(&path, expected).unwrap();
        } else {
            assert_eq!(
                written, expected,
                "{file} is stale: FEIRA_UPDATE=1 cargo test -p feira-node readme_and_compose"
            );
        }
    }
}

fn row_of_readme(role: Role) -> String {
    let groups = GROUPS.into_iter().filter(|group| group.role == role).map(|group| format!("`{}`", group.name));
    let groups = groups.collect::<Vec<_>>().join(", ");
    let groups = if groups.is_empty() { "–" } else { &groups };
    format!("| `{role}` | {} | {groups} |\n", role.does())
}

/// The text with this part between the first `after` and the `before` that follows it.
fn put(text: &str, after: &str, part: &str, before: &str) -> String {
    let (head, rest) = text.split_once(after).unwrap_or_else(|| panic!("no {after}"));
    // Where the part is whole lines, what it replaces ends at an empty one.
    let end = if before == "\n" { format!("\n{before}") } else { before.to_owned() };
    let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("no {before} after {after}"));
    format!("{head}{after}{part}{before}{tail}")
}

#[test]
fn every_variable_that_the_operators_book_names_is_there_and_it_or_the_readme_names_every_one() {
    let settings = Config::settings().unwrap().into_iter().map(|key| format!("FEIRA_{}", key.to_ascii_uppercase()));
    let all: BTreeSet<String> = environment::entries().map(|(name, _)| name).chain(settings).collect();
    let files = environment::entries().filter(|(_, is_secret)| *is_secret).map(|(name, _)| format!("{name}_FILE"));
    // The last one the command line's client reads by itself.
    let known: BTreeSet<String> = all.iter().cloned().chain(files).chain(["FEIRA_URL".to_owned()]).collect();
    let named = |file| book::names(&book::text(file), "FEIRA_");
    let (book, readme) = (named(BOOK), named("README.md"));
    let unknown: Vec<&String> = book.difference(&known).collect();
    assert!(unknown.is_empty(), "{BOOK} names variables that set nothing: {unknown:?}");
    let unnamed: Vec<&String> = all.iter().filter(|name| !book.contains(*name) && !readme.contains(*name)).collect();
    assert!(unnamed.is_empty(), "neither {BOOK} nor README.md names {unnamed:?}");
}

#[test]
fn what_can_not_work_is_refused_with_what_to_do() {
    let wrong = [
        Config { partitions: 0, ..Config::default() },
        Config { memory_mb: 100, ..Config::default() },
        Config { trusted_proxies: "10.0.0.0/8,proxy".into(), ..Config::default() },
        Config { dns: "localhost".into(), ..Config::default() },
        Config { dns: "127.0.0.1".into(), ..Config::default() },
        Config { domain_targets: "198.51.100.7;feira.example".into(), ..Config::default() },
        Config { roles: [Role::Api].into(), ..Config::default() },
        Config { roles: Role::ALL.into_iter().filter(|role| *role != Role::Panel).collect(), ..Config::default() },
        Config { kafka_brokers: "localhost:9092".into(), ..Config::default() },
        Config { secret: "short".into(), ..Config::default() },
        Config { master_key: "0".repeat(64).as_str().into(), ..Config::default() },
        Config { master_key: "one:short".into(), ..Config::default() },
        Config { secrets: format!("index:{}", "0".repeat(64)).into(), ..Config::default() },
        Config { secrets: format!("one:{0},two:{0}", "0".repeat(64)).into(), ..Config::default() },
        Config { registry_url: "localhost:8081".into(), ..Config::default() },
        Config { registry_url: "u:s3cr3t@r".into(), ..Config::default() },
        Config { scylla_nodes: "u:s3cr3t@n:9042".into(), ..Config::default() },
        Config { scylla_nodes: "n:9042,".into(), ..Config::default() },
        Config { redis_url: "localhost:6379".into(), ..Config::default() },
        Config { redis_url: "http://localhost:6379".into(), ..Config::default() },
        Config { s3_url: "http://key:secret@h".into(), ..Config::default() },
        Config { s3_url: "bucket".into(), ..Config::default() },
        Config { platform_domain: "feira.example:8080".into(), ..Config::default() },
        Config { instance: "a b".into(), ..Config::default() },
        Config { replication: 0, ..Config::default() },
        Config { data: PathBuf::new(), ..Config::default() },
    ];
    for config in wrong {
        assert!(config.validate().is_err(), "{config:?}");
    }
}

/// The configuration from these environment variables alone.
fn of(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let (config, unknown) = Config::of(Figment::from(Serialized::defaults(Config::default())), variables)?;
    assert!(unknown.is_empty(), "{unknown:?}");
    config.validate()?;
    Ok(config)
}

const CLUSTER: [(&str, &str); 2] = [("FEIRA_KAFKA_BROKERS", "k:9092"), ("FEIRA_REGISTRY_URL", "https://r")];

#[test]
fn a_process_on_kafka_says_what_others_would_not_see() {
    let (nodes, s3) = (("FEIRA_SCYLLA_NODES", "n:9042"), ("FEIRA_S3_URL", "https://k:s3cr3t@h/bucket"));
    let said = |more: &[(&str, &str)]| of(&[&CLUSTER[..], more].concat()).unwrap().alone();
    let [rows, images]: [String; 2] = said(&[]).try_into().unwrap();
    assert!(rows.contains("the keyring") && rows.contains("FEIRA_SCYLLA_NODES"), "{rows}");
    assert!(images.starts_with("images") && images.contains("FEIRA_S3_URL"), "{images}");
    assert_eq!((said(&[nodes]), said(&[s3])), (vec![images], vec![rows]));
    assert!(said(&[nodes, s3]).is_empty());
    assert!(of(&[]).unwrap().alone().is_empty(), "without Kafka there is no other process");
}

#[test]
fn f39_every_way_into_a_managed_kafka_is_understood() {
    let password = |mechanism| Sasl::Password { mechanism, username: "feira".into(), password: "s3cr3t".into() };
    for (name, mechanism) in [
        ("PLAIN", PasswordMechanism::Plain),
        ("SCRAM-SHA-256", PasswordMechanism::ScramSha256),
        ("scram-sha-512", PasswordMechanism::ScramSha512),
    ] {
        let config = of(&[
            CLUSTER[0],
            CLUSTER[1],
            ("FEIRA_KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
            ("FEIRA_KAFKA_SASL_MECHANISM", name),
            ("FEIRA_KAFKA_USERNAME", "feira"),
            ("FEIRA_KAFKA_PASSWORD", "s3cr3t"),
            ("FEIRA_KAFKA_PROPERTIES", "client.rack=a; ssl.endpoint.identification.algorithm=none\nlinger.ms=5"),
        ])
        .unwrap();
        let security = config.kafka.security().unwrap();
        assert!(security.tls == Some(Tls::default()) && security.sasl == Some(password(mechanism)), "{name}");
        assert_eq!(security.properties["ssl.endpoint.identification.algorithm"], "none");
        assert!(!format!("{config:#?}").contains("s3cr3t"));
    }
    let token = of(&[
        CLUSTER[0],
        CLUSTER[1],
        ("FEIRA_KAFKA_SECURITY_PROTOCOL", "sasl_ssl"),
        ("FEIRA_KAFKA_SASL_MECHANISM", "OAUTHBEARER"),
        ("FEIRA_KAFKA_OAUTH_TOKEN_URL", "https://login.example/token"),
        ("FEIRA_KAFKA_OAUTH_CLIENT_ID", "feira"),
        ("FEIRA_KAFKA_OAUTH_CLIENT_SECRET", "s3cr3t"),
    ])
    .unwrap();
    assert!(matches!(token.kafka.security().unwrap().sasl, Some(Sasl::Token { .. })));
}

#[test]
fn a_wrong_value_is_refused_by_its_settings_name() {
    let sasl = ("FEIRA_KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
    let scram = ("FEIRA_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512");
    let redis = ("FEIRA_REDIS_URL", "rediss://h:1");
    let nodes = ("FEIRA_SCYLLA_NODES", "n:9042");
    let s3 = ("FEIRA_S3_URL", "https://h/bucket");
    let (from, smtp) = (("FEIRA_MAIL_FROM", "a@feira.example"), ("FEIRA_MAIL_SMTP", "smtp://m.example"));
    let wrong: &[(&[(&str, &str)], &str)] = &[
        (&[("FEIRA_KAFKA_SECURITY_PROTOCOL", "TLS")], "FEIRA_KAFKA_SECURITY_PROTOCOL"),
        (&[sasl, ("FEIRA_KAFKA_SASL_MECHANISM", "GSSAPI")], "FEIRA_KAFKA_SASL_MECHANISM"),
        (&[sasl], "FEIRA_KAFKA_SASL_MECHANISM"),
        (&[sasl, scram], "FEIRA_KAFKA_USERNAME"),
        (&[sasl, scram, ("FEIRA_KAFKA_USERNAME", "u")], "FEIRA_KAFKA_PASSWORD"),
        (&[("FEIRA_KAFKA_PASSWORD", "p")], "FEIRA_KAFKA_PASSWORD"),
        (&[("FEIRA_KAFKA_CA", "/nowhere.pem")], "FEIRA_KAFKA_CA"),
        (&[("FEIRA_KAFKA_SECURITY_PROTOCOL", "SSL"), ("FEIRA_KAFKA_CA", "/nowhere.pem")], "FEIRA_KAFKA_CA"),
        (&[("FEIRA_KAFKA_SECURITY_PROTOCOL", "SSL"), ("FEIRA_KAFKA_KEY", "/nowhere.pem")], "FEIRA_KAFKA_CERTIFICATE"),
        (&[("FEIRA_KAFKA_PROPERTIES", "acks=1")], "acks"),
        (&[("FEIRA_KAFKA_PROPERTIES", "no.such.thing=1")], "no.such.thing"),
        (&[("FEIRA_KAFKA_PROPERTIES", "linger.ms")], "FEIRA_KAFKA_PROPERTIES"),
        (&[nodes, ("FEIRA_SCYLLA_PASSWORD", "p")], "FEIRA_SCYLLA_USERNAME"),
        (&[nodes, ("FEIRA_SCYLLA_CONSISTENCY", "ALL")], "FEIRA_SCYLLA_CONSISTENCY"),
        (&[nodes, ("FEIRA_REPLICATION", "3"), ("FEIRA_SCYLLA_CONSISTENCY", "ONE")], "FEIRA_SCYLLA_CONSISTENCY"),
        (&[nodes, ("FEIRA_SCYLLA_REPLICATION", "3"), ("FEIRA_SCYLLA_CONSISTENCY", "ONE")], "FEIRA_SCYLLA_CONSISTENCY"),
        (&[nodes, ("FEIRA_SCYLLA_VERIFY_ADDRESS", "false")], "FEIRA_SCYLLA_VERIFY_ADDRESS"),
        (&[nodes, ("FEIRA_SCYLLA_CA", "/nowhere.pem")], "FEIRA_SCYLLA_CA"),
        (&[("FEIRA_REDIS_URL", "redis://a:1,b:2")], "cluster"),
        (&[("FEIRA_REDIS_URL", "redis-sentinel://a:1")], "sentinel"),
        (&[("FEIRA_REDIS_URL", "redis+cluster://a:1")], "cluster"),
        (&[("FEIRA_REDIS_URL", "http://a:1")], "FEIRA_REDIS_URL"),
        (&[redis, ("FEIRA_REDIS_USERNAME", "u")], "FEIRA_REDIS_PASSWORD"),
        (&[("FEIRA_REDIS_URL", "redis://h:1"), ("FEIRA_REDIS_CA", "/nowhere.pem")], "FEIRA_REDIS_URL"),
        (&[("FEIRA_REGISTRY_TOKEN", "t"), ("FEIRA_REGISTRY_USERNAME", "u")], "FEIRA_REGISTRY_TOKEN"),
        (&[("FEIRA_REGISTRY_PASSWORD", "p")], "FEIRA_REGISTRY_USERNAME"),
        (&[s3, ("FEIRA_S3_ACCESS_KEY", "k")], "FEIRA_S3_SECRET_KEY"),
        (&[s3, ("FEIRA_S3_SESSION_TOKEN", "t")], "FEIRA_S3_SESSION_TOKEN"),
        (&[s3, ("FEIRA_S3_PATH_STYLE", "perhaps")], "FEIRA_S3_PATH_STYLE"),
        (&[("FEIRA_GATEWAYS_ADDRESSES", "paypal=https://g")], "gateways: there is none called \"paypal\""),
        (&[("FEIRA_GATEWAYS_ADDRESSES", "stripe=http://g")], "gateways: the address of stripe"),
        (&[("FEIRA_GATEWAYS_REFERER", "a\nb")], "gateways: the referer"),
        (&[("FEIRA_MAIL_FROM", "Feira <a@feira.example>")], "FEIRA_MAIL_FROM"),
        (&[("FEIRA_MAIL_SMTP", "smtps://m.example")], "FEIRA_MAIL_FROM"),
        (&[("FEIRA_MAIL_PASSWORD", "p")], "FEIRA_MAIL_PASSWORD) is of a server: set mail.smtp"),
        (&[("FEIRA_MAIL_CA", "/nowhere.pem")], "FEIRA_MAIL_CA) is of a server"),
        (&[from, ("FEIRA_MAIL_SMTP", "m.example:465")], "FEIRA_MAIL_SMTP"),
        (&[from, ("FEIRA_MAIL_SMTP", "smtp://u@m.example")], "a user without a password"),
        (&[from, smtp, ("FEIRA_MAIL_USERNAME", "u")], "FEIRA_MAIL_PASSWORD"),
        (&[from, smtp, ("FEIRA_MAIL_PASSWORD", "p")], "FEIRA_MAIL_USERNAME"),
        (
            &[from, ("FEIRA_MAIL_SMTP", "smtp://u:p@m"), ("FEIRA_MAIL_USERNAME", "u"), ("FEIRA_MAIL_PASSWORD", "p")],
            "one of them",
        ),
        (&[from, smtp, ("FEIRA_MAIL_TLS", "starttls")], "FEIRA_MAIL_TLS"),
        (&[from, smtp, ("FEIRA_MAIL_TLS", "none")], "is spoken to over TLS"),
        (&[from, ("FEIRA_MAIL_SMTP", "smtps://localhost"), ("FEIRA_MAIL_TLS", "none")], "FEIRA_MAIL_TLS"),
        (&[from, smtp, ("FEIRA_MAIL_CA", "/nowhere.pem")], "FEIRA_MAIL_CA"),
        (&[from, ("FEIRA_MAIL_DKIM_SELECTOR", "s")], "FEIRA_MAIL_DKIM_KEY"),
        (&[from, ("FEIRA_MAIL_DKIM_KEY", "k")], "FEIRA_MAIL_DKIM_SELECTOR"),
        (&[from, ("FEIRA_MAIL_DKIM_DOMAIN", "feira.example")], "FEIRA_MAIL_DKIM_DOMAIN"),
        (&[from, ("FEIRA_MAIL_DKIM_SELECTOR", "s"), ("FEIRA_MAIL_DKIM_KEY", "k")], "openssl genrsa"),
    ];
    for (variables, named) in wrong {
        let all: Vec<_> = CLUSTER.iter().chain(*variables).copied().collect();
        let why = of(&all).unwrap_err().to_string();
        assert!(why.contains(named), "{variables:?}: {why}");
    }
    let why = of(&[("FEIRA_SCYLLA_USERNAME", "u")]).unwrap_err().to_string();
    assert!(why.contains("[scylla]") && why.contains("FEIRA_SCYLLA_NODES"), "{why}");
}

#[test]
fn f39_every_secret_comes_from_a_file_as_well_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "s3cr3t\n").unwrap();
    let path = file.to_str().unwrap();
    let (master, keys) = (folder.path().join("master"), format!("one:{}", "0".repeat(64)));
    std::fs::write(&master, format!("{keys}\n")).unwrap();
    let config = of(&[
        CLUSTER[0],
        CLUSTER[1],
        ("FEIRA_KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        ("FEIRA_KAFKA_SASL_MECHANISM", "PLAIN"),
        ("FEIRA_KAFKA_USERNAME", "feira"),
        ("FEIRA_KAFKA_PASSWORD_FILE", path),
        ("FEIRA_REGISTRY_TOKEN_FILE", path),
        ("FEIRA_OPERATOR_TOKEN_FILE", path),
        ("FEIRA_MASTER_KEY_FILE", master.to_str().unwrap()),
    ])
    .unwrap();
    for secret in [&config.kafka.password, &config.registry.token, &config.operator_token] {
        assert_eq!(secret.expose(), "s3cr3t");
    }
    assert_eq!(config.master_key.expose(), keys);
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let empty = folder.path().join("empty");
    for (variables, named) in [
        (vec![("FEIRA_OPERATOR_TOKEN_FILE", "/nowhere")], "FEIRA_OPERATOR_TOKEN_FILE"),
        (vec![("FEIRA_OPERATOR_TOKEN_FILE", empty.to_str().unwrap())], "empty"),
        (vec![("FEIRA_OPERATOR_TOKEN_FILE", path), ("FEIRA_OPERATOR_TOKEN", "t")], "both"),
        (vec![("FEIRA_DATA_FILE", path)], "FEIRA_DATA"),
    ] {
        let why = of(&variables).unwrap_err().to_string();
        assert!(why.contains(named) && !why.contains("s3cr3t"), "{why}");
    }
}

#[test]
fn properties_keep_their_dots_quoted_or_not() {
    let file = r#"
        kafka_brokers = "k:9092"
        registry_url = "https://r"
        [kafka.properties]
        ssl.endpoint.identification.algorithm = "none"
        "socket.keepalive.enable" = true
        retry.backoff.ms = 5
        retry.backoff.max.ms = 7
    "#;
    let defaults = Figment::from(Serialized::defaults(Config::default()));
    let (config, _) = Config::of(defaults.merge(Toml::string(file)), std::iter::empty()).unwrap();
    let properties = config.kafka.security().unwrap().properties;
    let expected = [
        ("retry.backoff.max.ms", "7"),
        ("retry.backoff.ms", "5"),
        ("socket.keepalive.enable", "true"),
        ("ssl.endpoint.identification.algorithm", "none"),
    ];
    let found: Vec<_> = properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn addresses_of_gateways_are_the_operators_and_are_shown_without_keys() {
    let set = of(&[("FEIRA_GATEWAYS_ADDRESSES", "pagarme=http://127.0.0.1:9000/core/v5; stripe=https://g.example/v1")]);
    let settings = set.unwrap().gateways.settings().unwrap();
    let found: Vec<_> = settings.addresses.iter().map(|(name, address)| (name.as_str(), address.as_str())).collect();
    assert_eq!(found, [("pagarme", "http://127.0.0.1:9000/core/v5"), ("stripe", "https://g.example/v1")]);
    let table = GatewaysTable {
        addresses: [("stripe".to_owned(), "https://u:s3cr3t@g.example".to_owned())].into(),
        ..GatewaysTable::default()
    };
    let refused = table.settings().unwrap_err();
    assert!(!format!("{table:?} {refused}").contains("s3cr3t"));
}

#[test]
fn mail_is_files_unless_a_server_is_named_and_its_secrets_are_not_shown() {
    let (settings, server) = Config::default().mail.settings("localhost").unwrap();
    assert_eq!((settings.from.expose(), server.is_none()), ("nao-responda@feira.localhost", true));
    let (settings, _) = Config::default().mail.settings("feira.example").unwrap();
    assert_eq!(settings.from.expose(), "nao-responda@feira.example");
    assert_eq!(Config::default().mail.contact(), None);
    for (from, contact) in [("oi@feira.example", Some("oi@feira.example")), ("No-Reply@feira.example", None)] {
        assert_eq!(of(&[("FEIRA_MAIL_FROM", from)]).unwrap().mail.contact(), contact);
    }
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----";
    let config = of(&[
        ("FEIRA_MAIL_FROM", "loja@mail.feira.example"),
        ("FEIRA_MAIL_SMTP", "smtps://feira:s3cr3t@m.example"),
        ("FEIRA_MAIL_DKIM_SELECTOR", "one"),
        ("FEIRA_MAIL_DKIM_DOMAIN", "feira.example"),
        ("FEIRA_MAIL_DKIM_KEY", key),
    ])
    .unwrap();
    let (settings, server) = config.mail.settings("localhost").unwrap();
    let server = server.unwrap();
    assert_eq!((server.host.as_str(), server.port, server.security), ("m.example", 465, SmtpSecurity::Implicit));
    assert_eq!(server.login, Some(("feira".to_owned(), "s3cr3t".into())));
    assert_eq!(settings.dkim.map(|dkim| dkim.domain).as_deref(), Some("feira.example"));
    let shown = format!("{config:#?}");
    assert!(
        !shown.contains("s3cr3t") && !shown.contains("MC4CAQAw") && shown.contains("loja@mail.feira.example"),
        "{shown}"
    );
    let here = of(&[
        ("FEIRA_MAIL_FROM", "a@feira.example"),
        ("FEIRA_MAIL_SMTP", "smtp://localhost:25"),
        ("FEIRA_MAIL_TLS", "none"),
    ]);
    let (_, server) = here.unwrap().mail.settings("localhost").unwrap();
    assert_eq!(server.unwrap().security, SmtpSecurity::None);
}

#[test]
fn f37_payments_are_simulated_where_everything_is_embedded_and_no_gateway_is_named() {
    let (demo, address) = (("FEIRA_DEMO", "true"), ("FEIRA_GATEWAYS_ADDRESSES", "stripe=https://g.example/v1"));
    let (on, off) = (("FEIRA_SIMULATOR_ENABLED", "true"), ("FEIRA_SIMULATOR_ENABLED", "false"));
    let simulates = |variables: &[(&str, &str)]| of(variables).unwrap().simulates();
    assert!(simulates(&[demo]) && !simulates(&[]) && simulates(&[on]));
    assert!(!simulates(&[demo, address]) && !simulates(&[demo, off]));
    // Of the processes of a deployment none does, whatever its roles are.
    for roles in ["[\"api\"]", "[\"effects\"]", "[\"api\",\"effects\"]", "[\"search\"]"] {
        assert!(!simulates(&[CLUSTER[0], CLUSTER[1], demo, ("FEIRA_ROLES", roles)]), "{roles}");
    }
    assert_eq!(of(&[on, ("FEIRA_SIMULATOR_PORT", "8099")]).unwrap().simulator.port, 8_099);
    for (variables, named) in [
        (&[on, CLUSTER[0], CLUSTER[1]][..], "feira simulate-gateway"),
        (&[on, address], "FEIRA_GATEWAYS_ADDRESSES"),
        (&[("FEIRA_SIMULATOR_ENABLED", "perhaps")], "FEIRA_SIMULATOR_ENABLED"),
        (&[on, ("FEIRA_SIMULATOR_PORT", "70000")], "FEIRA_SIMULATOR_PORT"),
    ] {
        let why = of(variables).unwrap_err().to_string();
        assert!(why.contains(named), "{variables:?}: {why}");
    }
}

#[test]
fn links_of_mails_lead_by_https_to_the_domain_and_on_this_machine_to_the_listener() {
    let origin = |domain: &str, listen: &str| {
        let (platform_domain, listen) = (domain.to_owned(), listen.parse().unwrap());
        Config { platform_domain, listen, ..Config::default() }.platform_origin()
    };
    assert_eq!(origin("feira.example", "0.0.0.0:8080"), "https://feira.example");
    assert_eq!(origin("localhost", "127.0.0.1:8080"), "http://localhost:8080");
    assert_eq!(origin("feira.localhost", "127.0.0.1:80"), "http://feira.localhost");
}
