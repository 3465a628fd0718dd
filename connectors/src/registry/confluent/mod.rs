//! Any registry that speaks Confluent's REST paths, by schema_registry_converter.

use std::{
    collections::HashSet,
    error::Error as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Certificate, ClientBuilder, Identity, StatusCode};
use schema_registry_converter::{
    async_impl::schema_registry::{
        SrSettings, get_all_subjects, get_all_versions, get_schema_by_id, get_schema_by_subject_and_version,
        is_compatible_schema, post_schema,
    },
    error::SRCError,
    schema_registry_common::{RawError, SchemaType, SuppliedSchema},
};

use super::{ConfluentLogin, ConfluentSettings, RegistryError, SubjectVersion};
use crate::tls::Tls;

/// Schemas are registered at start and looked up when a new id comes; a registry that takes longer is as good as down.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Waits before a registration is repeated. Fewer would fail processes that start together; more would only hold up one
/// whose registry is down.
const RACES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400)];

/// A registry with Confluent's API. Cheap to clone.
#[derive(Clone)]
pub struct ConfluentRegistry(Arc<Inner>);

struct Inner {
    settings: SrSettings,
    /// The HTTP client for the one call that the crate doesn't offer.
    http: reqwest::Client,
    url: String,
    login: ConfluentLogin,
    /// Subjects whose compatibility this process has set.
    configured: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for ConfluentRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password, which stays out of logs.
        f.debug_struct("ConfluentRegistry").finish_non_exhaustive()
    }
}

impl ConfluentRegistry {
    pub(super) fn new(settings: &ConfluentSettings) -> Result<Self, RegistryError> {
        let refused = |why: String| RegistryError::Refused(format!("the registry's settings: {why}"));
        let mut builder = SrSettings::new_builder(settings.url.clone());
        match &settings.login {
            ConfluentLogin::None => {}
            ConfluentLogin::Basic { username, password } => {
                builder.set_basic_authorization(username, Some(password.expose()));
            }
            ConfluentLogin::Bearer(token) => {
                builder.set_token_authorization(token.expose());
            }
        }
        let registry = builder.set_timeout(TIMEOUT).build_with(client(&settings.tls)?);
        let registry = registry.map_err(|error| refused(error.to_string()))?;
        let http = client(&settings.tls)?.timeout(TIMEOUT).build().map_err(|error| refused(error.to_string()))?;
        let (url, login) = (settings.url.clone(), settings.login.clone());
        Ok(Self(Arc::new(Inner { settings: registry, http, url, login, configured: Mutex::default() })))
    }

    /// Processes that start at once register the same subjects at once, which some registries answer with a conflict to all
    /// but one; the others repeat and find it done.
    pub(super) async fn register(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        for wait in RACES {
            match self.register_once(subject, schema).await {
                Err(RegistryError::Unavailable(_)) => {}
                // A schema that the registry itself finds compatible was refused for the race alone.
                Err(RegistryError::Incompatible { .. }) if self.check(subject, schema).await? => {}
                other => return other,
            }
            tokio::time::sleep(wait).await;
        }
        self.register_once(subject, schema).await
    }

    async fn register_once(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        let supplied = supplied(schema)?;
        self.demand_full_transitive(subject).await?;
        let posted = post_schema(&self.0.settings, subject.to_owned(), supplied).await;
        posted.map(|posted| posted.id).map_err(|error| registry_error(&error, subject))
    }

    pub(super) async fn schema(&self, id: u32) -> Result<Option<String>, RegistryError> {
        let found = get_schema_by_id(id, &self.0.settings).await.map(|found| Some(found.schema));
        or_none(found.map_err(|error| registry_error(&error, &format!("schema {id}"))))
    }

    pub(super) async fn subjects(&self) -> Result<Vec<String>, RegistryError> {
        let mut subjects =
            get_all_subjects(&self.0.settings).await.map_err(|error| registry_error(&error, "subjects"))?;
        subjects.sort_unstable();
        Ok(subjects)
    }

    pub(super) async fn versions(&self, subject: &str) -> Result<Vec<u32>, RegistryError> {
        let versions = get_all_versions(&self.0.settings, subject.to_owned()).await;
        let mut versions = versions.map_err(|error| registry_error(&error, &format!("subject {subject}")))?;
        versions.sort_unstable();
        Ok(versions)
    }

    pub(super) async fn version(&self, subject: &str, version: u32) -> Result<SubjectVersion, RegistryError> {
        let found = get_schema_by_subject_and_version(&self.0.settings, subject, Some(version)).await;
        let what = format!("version {version} of subject {subject}");
        let found = found.map_err(|error| registry_error(&error, &what))?;
        Ok(SubjectVersion { subject: subject.to_owned(), version, id: found.id, schema: found.schema })
    }

    pub(super) async fn check(&self, subject: &str, schema: &str) -> Result<bool, RegistryError> {
        let compatible = is_compatible_schema(&self.0.settings, subject.to_owned(), supplied(schema)?).await;
        let compatible = or_none(compatible.map(Some).map_err(|error| registry_error(&error, subject)))?;
        // A subject that isn't there has nothing to be incompatible with.
        Ok(compatible.unwrap_or(true))
    }

    /// Sets the subject's compatibility before its first version is judged: the registry's own default is most often less.
    async fn demand_full_transitive(&self, subject: &str) -> Result<(), RegistryError> {
        let configured = || self.0.configured.lock().unwrap_or_else(PoisonError::into_inner);
        if configured().contains(subject) {
            return Ok(());
        }
        let request = self
            .0
            .http
            .put(format!("{}/config/{subject}", self.0.url))
            .header("content-type", "application/vnd.schemaregistry.v1+json")
            .body(r#"{"compatibility":"FULL_TRANSITIVE"}"#);
        let request = match &self.0.login {
            ConfluentLogin::None => request,
            ConfluentLogin::Basic { username, password } => request.basic_auth(username, Some(password.expose())),
            ConfluentLogin::Bearer(token) => request.bearer_auth(token.expose()),
        };
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(not_let_in(status));
        }
        if status.is_server_error() || status == StatusCode::CONFLICT {
            return Err(RegistryError::Unavailable(format!("setting the compatibility of {subject} gave {status}")));
        }
        if !status.is_success() {
            return Err(RegistryError::Refused(format!("setting the compatibility of {subject} gave {status}")));
        }
        configured().insert(subject.to_owned());
        Ok(())
    }
}

fn client(tls: &Tls) -> Result<ClientBuilder, RegistryError> {
    let unusable = |why: String| RegistryError::Refused(format!("the registry's settings: {why}"));
    let mut client = reqwest::Client::builder();
    if let Some(pem) = tls.ca_pem().map_err(|error| unusable(error.to_string()))? {
        let authorities = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.to_string()))?;
        client = client.tls_certs_only(authorities);
    }
    if let Some(pem) = tls.identity_pem().map_err(|error| unusable(error.to_string()))? {
        let both = [pem.certificate, b"\n".to_vec(), pem.key].concat();
        client = client.identity(Identity::from_pem(&both).map_err(|error| unusable(error.to_string()))?);
    }
    Ok(client)
}

fn not_let_in(status: StatusCode) -> RegistryError {
    RegistryError::Refused(format!(
        "it does not let this process in ({status}): look at registry.username and registry.password or registry.token \
         (FEIRA_REGISTRY_USERNAME, …), or at the user in registry_url"
    ))
}

/// An error of the client: of what nobody mends by waiting, it says where to look.
fn unreachable(error: &(dyn std::error::Error + 'static)) -> RegistryError {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let why = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let says = |text: &str| why.contains(text);
    let look_at = if says("peer certificate") {
        "its certificate is not believed: look at registry.ca (FEIRA_REGISTRY_CA)"
    } else if says("received fatal alert") {
        "it does not take this client's certificate: look at registry.certificate and registry.key (FEIRA_REGISTRY_CERTIFICATE, \
         FEIRA_REGISTRY_KEY)"
    } else {
        return RegistryError::Unavailable(why);
    };
    RegistryError::Refused(format!("{look_at}: {why}"))
}

/// The schema without its spaces: some registries take the same schema with other spaces for another one.
fn supplied(schema: &str) -> Result<SuppliedSchema, RegistryError> {
    let json: serde_json::Value =
        serde_json::from_str(schema).map_err(|error| RegistryError::Refused(format!("no JSON: {error}")))?;
    Ok(SuppliedSchema::new(None, SchemaType::Avro, json.to_string()))
}

fn or_none<T>(found: Result<Option<T>, RegistryError>) -> Result<Option<T>, RegistryError> {
    match found {
        Err(RegistryError::NotFound(_)) => Ok(None),
        other => other,
    }
}

/// The registry's own codes say what happened: an HTTP status, or a status with two more digits.
fn registry_error(error: &SRCError, what: &str) -> RegistryError {
    let answer = error.source().and_then(|source| source.downcast_ref::<RawError>());
    let Some(RawError { error_code, message, .. }) = answer else { return unreachable(error) };
    match error_code {
        401 | 403 | 40_100..=40_199 | 40_300..=40_399 => not_let_in(if *error_code == 403 || *error_code >= 40_300 {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::UNAUTHORIZED
        }),
        404 | 40_400..=40_499 => RegistryError::NotFound(what.to_owned()),
        409 | 40_900..=40_999 => RegistryError::Incompatible { subject: what.to_owned(), why: message.clone() },
        // A status without the registry's own body is most likely a proxy's.
        0 | 429 | 500..=599 | 50_000..=59_999 => RegistryError::Unavailable(message.clone()),
        _ => RegistryError::Refused(format!("{what}: {message} (code {error_code})")),
    }
}
