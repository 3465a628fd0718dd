//! Any registry that speaks Confluent's REST paths, by schema_registry_converter.

use std::{
    collections::HashSet,
    error::Error as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use schema_registry_converter::{
    async_impl::schema_registry::{
        SrSettings, get_all_subjects, get_all_versions, get_schema_by_id, get_schema_by_subject_and_version,
        is_compatible_schema, post_schema,
    },
    error::SRCError,
    schema_registry_common::{RawError, SchemaType, SuppliedSchema},
};

use super::{RegistryError, SubjectVersion};

/// Schemas are registered at start and looked up when a new id comes; a registry that takes longer is as good as down.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Waits before a registration is repeated. Fewer would fail processes that start together; more would only hold up one
/// whose registry is down.
const RACES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400)];

/// See the module's documentation. Cheap to clone.
#[derive(Clone)]
pub struct RemoteRegistry(Arc<Inner>);

struct Inner {
    settings: SrSettings,
    /// For the one call that the crate doesn't offer.
    http: reqwest::Client,
    url: String,
    /// Subjects whose compatibility this process has set.
    configured: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for RemoteRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password, which stays out of logs.
        f.debug_struct("RemoteRegistry").finish_non_exhaustive()
    }
}

impl RemoteRegistry {
    /// A registry at `http(s)://[user:password@]host:port[/base path]`; whether it answers yet doesn't matter.
    pub fn new(url: &str) -> Result<Self, RegistryError> {
        let refused = |why: String| RegistryError::Refused(format!("the registry's address: {why}"));
        let url = url.trim_end_matches('/').to_owned();
        reqwest::Url::parse(&url).map_err(|error| refused(error.to_string()))?;
        let settings = SrSettings::new_builder(url.clone()).set_timeout(TIMEOUT).build();
        let settings = settings.map_err(|error| refused(error.to_string()))?;
        let http = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(|error| refused(error.to_string()))?;
        Ok(Self(Arc::new(Inner { settings, http, url, configured: Mutex::default() })))
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
        let response = request.send().await.map_err(|error| RegistryError::Unavailable(error.to_string()))?;
        let status = response.status();
        if status.is_server_error() || status == reqwest::StatusCode::CONFLICT {
            return Err(RegistryError::Unavailable(format!("setting the compatibility of {subject} gave {status}")));
        }
        if !status.is_success() {
            return Err(RegistryError::Refused(format!("setting the compatibility of {subject} gave {status}")));
        }
        configured().insert(subject.to_owned());
        Ok(())
    }
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
    let Some(RawError { error_code, message, .. }) = answer else {
        return RegistryError::Unavailable(error.to_string());
    };
    match error_code {
        404 | 40_400..=40_499 => RegistryError::NotFound(what.to_owned()),
        409 | 40_900..=40_999 => RegistryError::Incompatible { subject: what.to_owned(), why: message.clone() },
        // A status without the registry's own body is most likely a proxy's.
        0 | 429 | 500..=599 | 50_000..=59_999 => RegistryError::Unavailable(message.clone()),
        _ => RegistryError::Refused(format!("{what}: {message} (code {error_code})")),
    }
}
