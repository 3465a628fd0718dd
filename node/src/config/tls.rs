//! Certificates and keys, as every service takes them.

use std::path::Path;

use feira_connectors::tls::{Tls, TlsError};

use super::{ConfigError, environment::setting};

/// The files of `service`'s settings `ca`, `certificate` and `key`, which are read once to see that they can be used.
pub(super) fn check_tls(
    service: &str,
    ca: &Path,
    certificate: &Path,
    key: &Path,
    encrypted: bool,
) -> Result<Tls, ConfigError> {
    let set = |path: &Path| Some(path.to_owned()).filter(|path| !path.as_os_str().is_empty());
    let invalid =
        |name: &str, why: &str| ConfigError::Invalid(format!("{} {why}", setting(&format!("{service}.{name}"))));
    let identity = match (set(certificate), set(key)) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (Some(_), None) => return Err(invalid("key", "is needed with a certificate")),
        (None, Some(_)) => return Err(invalid("certificate", "is needed with a key")),
    };
    let tls = Tls { ca: set(ca), identity };
    tls.check(encrypted)
        .map_err(|TlsError { part, path, why }| invalid(part, &format!("{}: {why}", path.display())))?;
    Ok(tls)
}

/// True if any of the three files is set.
pub(super) fn any_tls(ca: &Path, certificate: &Path, key: &Path) -> bool {
    [ca, certificate, key].iter().any(|path| !path.as_os_str().is_empty())
}
